//! Differentiable operations where the backend's own are too slow for this method
