//! The wasmtime engine that all detectors share, and the clock that interrupts them.

use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use rayon::{ThreadPool, ThreadPoolBuilder};
use wardline_text::{Cause, Hint};
use wasmtime::component::Component;
use wasmtime::{Cache, CacheConfig, Config};

use super::cache::{self, CacheFiles};

/// Interval at which running guests check the clock; a deadline is exceeded by at most this.
const TICK: Duration = Duration::from_millis(5);

/// wasmtime's default stack size for asynchronous calls, in bytes.
const ASYNC_STACK: usize = 2 * 1024 * 1024;

/// Nice value of the compiler threads (setpriority(2)). If judging threads keep all cores busy,
/// each compiler thread gets about a quarter of the time that a judging thread gets.
const COMPILER_NICE: i32 = 6;

/// Stack size of a compiler thread, in bytes.
const COMPILER_STACK: usize = 4 * 1024 * 1024;

/// The reason why the engine could not be created.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// Cranelift does not support this machine, or the settings contradict each other.
    #[error("cannot set up the WebAssembly engine")]
    Engine(#[source] Cause),
    /// The directory for compiled code is unusable.
    #[error("cannot use the cache directory {directory}")]
    Cache {
        /// The directory.
        directory: String,
        /// The cause.
        #[source]
        error: Cause,
    },
    /// The epoch thread did not start.
    #[error("cannot start the deadline thread")]
    Clock(#[source] std::io::Error),
    /// The compiler threads did not start.
    #[error("cannot start the compiler threads")]
    Compilers(#[source] rayon::ThreadPoolBuildError),
}

impl Hint for EngineError {
    fn hint(&self) -> Option<String> {
        matches!(self, Self::Cache { .. }).then(|| {
            "set `host.cache-directory` to a directory that only the host can write".into()
        })
    }
}

/// The engine. As long as it lives, a dedicated operating-system thread advances its epoch, so that
/// deadlines hold even if the rest of the host is busy.
pub struct Engine {
    inner: wasmtime::Engine,
    compilers: ThreadPool,
    cache: Option<CacheFiles>,
    guest_stack: usize,
    stop: Arc<AtomicBool>,
}

impl Engine {
    /// Creates the engine. `stack` limits a guest's use of its thread's stack, in bytes.
    ///
    /// Compiled code is kept in `cache`, if given. Only the host may have write access to that
    /// directory, because its contents run as native code.
    ///
    /// # Errors
    /// Returns [`EngineError::Engine`] if wasmtime rejects the settings or the machine,
    /// [`EngineError::Cache`] if the cache directory is unusable, and [`EngineError::Clock`] or
    /// [`EngineError::Compilers`] if a thread cannot be started.
    pub fn new(cache: Option<&Path>, stack: usize) -> Result<Self, EngineError> {
        Self::make(cache, stack, true, false)
    }

    /// Creates an engine whose detectors cannot be interrupted, to measure what deadlines cost. A
    /// host never uses it.
    ///
    /// # Errors
    /// As for [`Self::new`].
    pub fn without_deadlines(stack: usize) -> Result<Self, EngineError> {
        Self::make(None, stack, false, false)
    }

    /// Creates an engine that counts the instructions of guests, to measure their work independently
    /// of the machine. A host never uses it, because counting costs time.
    ///
    /// # Errors
    /// As for [`Self::new`].
    pub fn metered(cache: Option<&Path>, stack: usize) -> Result<Self, EngineError> {
        Self::make(cache, stack, true, true)
    }

    fn make(
        cache: Option<&Path>,
        stack: usize,
        deadlines: bool,
        metered: bool,
    ) -> Result<Self, EngineError> {
        let mut config = Config::new();
        config
            .epoch_interruption(deadlines)
            .consume_fuel(metered)
            .max_wasm_stack(stack)
            // Unused, because all calls are synchronous, but wasmtime requires it to be at least
            // `stack`.
            .async_stack_size(stack.max(ASYNC_STACK))
            .cranelift_nan_canonicalization(true)
            .concurrency_support(false)
            .wasm_component_model(true)
            .wasm_memory64(false)
            .wasm_multi_memory(false)
            .wasm_relaxed_simd(false)
            .parallel_compilation(true);
        let mut files = None;
        if let Some(directory) = cache {
            let (cache, checked) = open_cache(directory)?;
            config.cache(Some(cache));
            files = Some(checked);
        }
        let inner = wasmtime::Engine::new(&config)
            .map_err(|error| EngineError::Engine(Cause::new(error)))?;
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
            cache: files,
            guest_stack: stack,
            stop,
        })
    }

    /// Compiles a component on the compiler threads, which run at a lower priority than judging.
    pub(super) fn compile(&self, component: &[u8]) -> wasmtime::Result<Component> {
        self.compilers
            .install(|| Component::from_binary(&self.inner, component))
    }

    /// Returns how many files of compiled code were removed because they were damaged.
    #[must_use]
    pub fn damaged_cache_files(&self) -> usize {
        self.cache.as_ref().map_or(0, |cache| cache.damaged)
    }

    /// Writes checksums for newly compiled code, without which it is not used again.
    pub fn record_cache(&self) {
        if let Some(cache) = &self.cache {
            cache.record();
        }
    }

    /// Limit on a guest's use of its thread's stack, in bytes. A thread that calls a guest needs a
    /// larger stack than this.
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

/// Creates one compiler thread per core, so that a new version is ready within a second.
fn compilers() -> Result<ThreadPool, EngineError> {
    ThreadPoolBuilder::new()
        .num_threads(thread::available_parallelism().map_or(1, usize::from))
        .thread_name(|index| format!("wardline-compile-{index}"))
        .stack_size(COMPILER_STACK)
        .start_handler(|_| {
            // On Linux this affects only the calling thread. If it fails, compiling competes with
            // judging at equal priority, which is slower but correct.
            let _ = rustix::process::setpriority_process(None, COMPILER_NICE);
        })
        .build()
        .map_err(EngineError::Compilers)
}

fn open_cache(directory: &Path) -> Result<(Cache, CacheFiles), EngineError> {
    let fail = |error: Cause| EngineError::Cache {
        directory: directory.display().to_string(),
        error,
    };
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(directory)
        .map_err(|error| fail(error.into()))?;
    let directory = directory
        .canonicalize()
        .map_err(|error| fail(error.into()))?;
    let files = CacheFiles::verify(&directory).map_err(|error| fail(error.into()))?;
    let mut config = CacheConfig::new();
    config
        .with_directory(directory)
        .with_files_total_size_soft_limit(cache::TOTAL_BYTES)
        // wasmtime would compress a file again that is used often, and the checksum would be wrong.
        .with_optimized_compression_usage_counter_threshold(u64::MAX);
    let cache = Cache::new(config).map_err(|error| fail(Cause::new(error)))?;
    Ok((cache, files))
}
