//! The `convoke` program: everything is in the library.

fn main() -> std::process::ExitCode {
    convoke::cli::main()
}
