//! One wasmtime engine for all detectors, and the clock that interrupts them.

use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use rayon::{ThreadPool, ThreadPoolBuilder};
use wasmtime::component::Component;
use wasmtime::{Cache, CacheConfig, Config};

/// How often running guests look at the clock. A deadline is met within this much.
const TICK: Duration = Duration::from_millis(5);

/// What wasmtime gives the stack of an asynchronous call if it is not told.
const ASYNC_STACK: usize = 2 * 1024 * 1024;

/// How much the threads that compile stand back, as a nice value (setpriority(2)): where
/// all cores are judging, each of these gets about a quarter of what one that judges gets.
const COMPILER_NICE: i32 = 6;

/// Stack of a thread that compiles, in bytes.
const COMPILER_STACK: usize = 4 * 1024 * 1024;

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
    /// The threads that compile.
    #[error("cannot start the threads that compile: {0}")]
    Compilers(String),
}

/// The engine. While it lives, an operating-system thread of its own moves its
/// epoch, so that deadlines hold however busy the rest of the host is.
pub struct Engine {
    inner: wasmtime::Engine,
    compilers: ThreadPool,
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
    pub fn new(cache: Option<&Path>, stack: usize) -> Result<Self, EngineError> {
        Self::make(cache, stack, true)
    }

    /// An engine whose detectors cannot be interrupted: no deadline holds. No host has it;
    /// it is for measuring what deadlines cost.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn without_deadlines(stack: usize) -> Result<Self, EngineError> {
        Self::make(None, stack, false)
    }

    fn make(cache: Option<&Path>, stack: usize, deadlines: bool) -> Result<Self, EngineError> {
        let mut config = Config::new();
        config
            .epoch_interruption(deadlines)
            .max_wasm_stack(stack)
            // Not used, since all calls are synchronous; but it may not be the smaller.
            .async_stack_size(stack.max(ASYNC_STACK))
            .cranelift_nan_canonicalization(true)
            .concurrency_support(false)
            .wasm_component_model(true)
            .wasm_memory64(false)
            .wasm_multi_memory(false)
            .wasm_relaxed_simd(false)
            .parallel_compilation(true);
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
            compilers: compilers()?,
            guest_stack: stack,
            stop,
        })
    }

    /// Compiles a component on threads that stand back for those that judge.
    pub(super) fn compile(&self, component: &[u8]) -> wasmtime::Result<Component> {
        self.compilers
            .install(|| Component::from_binary(&self.inner, component))
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

/// One for each core, so that a new version is at work within a second.
fn compilers() -> Result<ThreadPool, EngineError> {
    ThreadPoolBuilder::new()
        .num_threads(thread::available_parallelism().map_or(1, usize::from))
        .thread_name(|index| format!("wardline-compile-{index}"))
        .stack_size(COMPILER_STACK)
        .start_handler(|_| {
            // On Linux this is the calling thread's alone. Where it is refused, compiling
            // takes as much of the machine as judging does, and is no less right.
            let _ = rustix::process::setpriority_process(None, COMPILER_NICE);
        })
        .build()
        .map_err(|error| EngineError::Compilers(error.to_string()))
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
