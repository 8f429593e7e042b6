//! Models of regression trees.

use ert::{Ert, ErtError, GreyImage, Rect};

use crate::oracle;
use crate::target::Verdict;

/// A file of dlib's.
pub fn dlib(bytes: &[u8]) -> Verdict {
    match Ert::from_dlib(bytes) {
        Ok(model) => works(&model),
        Err(error) => {
            oracle::message(&error, "dlib shape_predictor");
            let ErtError::Dlib { at, .. } = error else { panic!("{error}") };
            assert!(at <= bytes.len(), "byte {at} of {}", bytes.len());
            Verdict::Refused
        }
    }
}

/// A file of this project's: as it is, and with its checksum made good, which chance never does.
pub fn own(bytes: &[u8]) -> Verdict {
    let refused = |error: ErtError| {
        oracle::message(&error, "ert model");
        assert!(matches!(error, ErtError::Bytes(_)), "{error}");
        Verdict::Refused
    };
    if let Ok(model) = Ert::from_bytes(bytes) {
        assert_eq!(model.to_bytes(), bytes, "one model has one form");
        return works(&model);
    }
    let body = &bytes[..bytes.len().saturating_sub(blake3::OUT_LEN)];
    let mended = [body, blake3::hash(body).as_bytes()].concat();
    match Ert::from_bytes(&mended) {
        Ok(model) => works(&model),
        Err(error) => refused(error),
    }
}

/// Both forms keep the model, and it answers with its points.
fn works(model: &Ert) -> Verdict {
    assert!(model.points() > 0);
    assert_eq!(Ert::from_bytes(&model.to_bytes()).as_ref(), Ok(model));
    assert_eq!(Ert::from_dlib(&model.to_dlib()).as_ref(), Ok(model));
    let image = GreyImage { width: 4, height: 3, pixels: (0..12).map(|k| 20 * k).collect() };
    for side in [1.0, 1e30] {
        let rect = Rect { left: -side, top: 0.0, right: side, bottom: side };
        assert_eq!(model.detect(&image, &rect).len(), model.points());
    }
    Verdict::Accepted
}
