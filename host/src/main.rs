//! The program `wardline`.

fn main() -> std::process::ExitCode {
    wardline::cli::main()
}
