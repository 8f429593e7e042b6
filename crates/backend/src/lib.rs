//! BackendSpec to burn device: the only crate that names a burn backend
