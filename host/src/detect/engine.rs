//! One wasmtime engine for all detectors, and the clock that interrupts them.

use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use wasmtime::{Cache, CacheConfig, Config};

/// How often running guests look at the clock. A deadline is met within this much.
const TICK: Duration = Duration::from_millis(5);

/// What wasmtime gives the stack of an asynchronous call if it is not told.
const ASYNC_STACK: usize = 2 * 1024 * 1024;

/// Why no engine could be made.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// Cranelift does not run on this machine, or the settings contradict.
    #[error("cannot set up the WebAssembly engine: {0}")]
    Engine(String),
    /// The directory for compiled code.
    #[error(
        "cannot use the cache directory {directory}: {error} (set host.cache-directory to one that the host alone may write)"
    )]
    Cache {
        /// Which directory.
        directory: String,
        /// What failed.
        error: String,
    },
    /// The clock's thread.
    #[error("cannot start the thread that keeps deadlines: {0}")]
    Clock(std::io::Error),
}

/// Where compiling takes place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compiling {
    /// On one thread: other cores are judging meanwhile, and must not be taken.
    OnOneThread,
    /// On all cores: nothing is judged before it is done.
    OnAllCores,
}

/// The engine. While it lives, an operating-system thread of its own moves its
/// epoch, so that deadlines hold however busy the rest of the host is.
pub struct Engine {
    inner: wasmtime::Engine,
    guest_stack: usize,
    stop: Arc<AtomicBool>,
}

impl Engine {
    /// Makes the engine. Compiled code is kept in `cache`, if given: a directory
    /// that only the host may write, since what it holds is run as native code.
    /// `stack` is what a guest may use of its thread's stack, in bytes.
    ///
    /// # Errors
    /// Where the machine, the cache directory or a thread is missing.
    pub fn new(
        cache: Option<&Path>,
        stack: usize,
        compiling: Compiling,
    ) -> Result<Self, EngineError> {
        let mut config = Config::new();
        config
            .epoch_interruption(true)
            .max_wasm_stack(stack)
            // Not used, since all calls are synchronous; but it may not be the smaller.
            .async_stack_size(stack.max(ASYNC_STACK))
            .cranelift_nan_canonicalization(true)
            .concurrency_support(false)
            .wasm_component_model(true)
            .wasm_memory64(false)
            .wasm_multi_memory(false)
            .wasm_relaxed_simd(false)
            .parallel_compilation(compiling == Compiling::OnAllCores);
        if let Some(directory) = cache {
            config.cache(Some(open_cache(directory)?));
        }
        let inner = wasmtime::Engine::new(&config)
            .map_err(|error| EngineError::Engine(format!("{error:#}")))?;
        let stop = Arc::new(AtomicBool::new(false));
        let (engine, stopped) = (inner.weak(), Arc::clone(&stop));
        thread::Builder::new()
            .name("wardline-epoch".into())
            .spawn(move || {
                while !stopped.load(Ordering::Relaxed) {
                    thread::sleep(TICK);
                    match engine.upgrade() {
                        Some(engine) => engine.increment_epoch(),
                        None => return,
                    }
                }
            })
            .map_err(EngineError::Clock)?;
        Ok(Self {
            inner,
            guest_stack: stack,
            stop,
        })
    }

    /// What a guest may use of its thread's stack, in bytes. A thread that calls one
    /// must have more.
    #[must_use]
    pub fn guest_stack(&self) -> usize {
        self.guest_stack
    }

    pub(super) fn wasmtime(&self) -> &wasmtime::Engine {
        &self.inner
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

fn open_cache(directory: &Path) -> Result<Cache, EngineError> {
    let fail = |error: String| EngineError::Cache {
        directory: directory.display().to_string(),
        error,
    };
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(directory)
        .map_err(|error| fail(error.to_string()))?;
    let directory = directory
        .canonicalize()
        .map_err(|error| fail(error.to_string()))?;
    let mut config = CacheConfig::new();
    config.with_directory(directory);
    Cache::new(config).map_err(|error| fail(format!("{error:#}")))
}
