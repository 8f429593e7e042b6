//! Draws that keep people apart: who is drawn is drawn with all faces.

use std::collections::{HashMap, HashSet};

use rand_chacha::ChaCha8Rng;

use crate::face::Face;
use crate::shuffle::shuffle;

/// Drawn people take at most this share of a class, unless there is no other way to have any.
const LARGEST_SHARE: usize = 4;

/// Takes people out of `pools` (faces without and with the attribute) until `count` of each class are drawn,
/// as near as whole people allow; both classes get equally many. Faces of nobody known are a person each.
///
/// What stays in the pools shows nobody who was drawn. Nothing is drawn where no choice of people leaves
/// a face of each class on both sides.
pub(crate) fn drawn(
    faces: &[Face],
    pools: &mut [Vec<usize>; 2],
    count: usize,
    mut rng: ChaCha8Rng,
) -> [Vec<usize>; 2] {
    let mut places: HashMap<&str, usize> = HashMap::new();
    let mut people: Vec<[usize; 2]> = Vec::new();
    let mut of = HashMap::new();
    for (class, pool) in pools.iter().enumerate() {
        for face in pool {
            let fresh = people.len();
            let place = match &faces[*face].identity {
                Some(person) => *places.entry(person).or_insert(fresh),
                None => fresh,
            };
            if place == fresh {
                people.push([0; 2]);
            }
            people[place][class] += 1;
            of.insert(*face, place);
        }
    }
    let mut order: Vec<usize> = (0..people.len()).collect();
    shuffle(&mut order, &mut rng);

    let sizes = pools.each_ref().map(Vec::len);
    let (mut taken, mut have) = (HashSet::new(), [0; 2]);
    let most = sizes.map(|size| count.max(size / LARGEST_SHARE));
    for person in &order {
        let own = people[*person];
        let wanted = (0..2).any(|class| own[class] > 0 && have[class] < count);
        if wanted && (0..2).all(|class| have[class] + own[class] <= most[class]) {
            taken.insert(*person);
            have = [have[0] + own[0], have[1] + own[1]];
        }
    }
    // Few people with many faces: the smallest will do.
    order.sort_by_key(|person| people[*person].iter().sum::<usize>());
    for person in order.iter().filter(|_| count > 0) {
        let own = people[*person];
        let lacks = (0..2).any(|class| own[class] > 0 && have[class] == 0);
        let leaves = (0..2).all(|class| have[class] + own[class] < sizes[class]);
        if lacks && leaves && taken.insert(*person) {
            have = [have[0] + own[0], have[1] + own[1]];
        }
    }
    if have.contains(&0) {
        return Default::default();
    }
    let count = count.min(have[0]).min(have[1]);
    pools.each_mut().map(|pool| {
        let (mut drawn, left): (Vec<usize>, Vec<usize>) =
            pool.iter().partition(|face| taken.contains(&of[face]));
        *pool = left;
        drawn.truncate(count);
        drawn
    })
}

/// Everyone whom these faces show.
pub(crate) fn shown(faces: &[Face], of: impl Iterator<Item = usize>) -> HashSet<&str> {
    of.filter_map(|face| faces[face].identity.as_deref()).collect()
}
