//! Compiles the libtorch half of the fast operations against the libtorch that `torch-sys` found.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    #[cfg(feature = "libtorch")]
    libtorch();
}

#[cfg(feature = "libtorch")]
fn libtorch() {
    const SOURCE: &str = "src/libtorch/native.cpp";
    println!("cargo:rerun-if-changed={SOURCE}");
    let library = std::env::var_os("DEP_TCH_LIBTORCH_LIB").expect("torch-sys names its libraries");
    let root = std::path::Path::new(&library).parent().expect("libraries lie in a directory");
    cc::Build::new()
        .cpp(true)
        .std("c++17")
        .opt_level(3)
        .flag_if_supported("-fno-math-errno")
        .flag_if_supported("-fno-trapping-math")
        .flag_if_supported("-Wno-unknown-pragmas")
        .warnings(false)
        .includes(["include", "include/torch/csrc/api/include"].map(|folder| root.join(folder)))
        .file(SOURCE)
        .compile("resgan_native");
}
