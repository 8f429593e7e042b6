//! Ensemble of regression trees for landmarks: training, detection, dlib's files; no burn
