//! Lets the worker find libtorch where it was built against it.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    // `torch-sys` says where; without the feature it is not there.
    if let Some(folder) = std::env::var_os("DEP_TCH_LIBTORCH_LIB") {
        println!("cargo:rustc-link-arg-bins=-Wl,-rpath,{}", folder.to_string_lossy());
    }
}
