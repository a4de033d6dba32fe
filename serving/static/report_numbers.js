// Figures over some of the lines: means with intervals, shares, ranks.

const DRAWS = 400;
const Z = 1.96;

// Mean of `values` over the places `at`, with the 2.5th to 97.5th percentile over draws of whole
// patients; the draws are the same for every call with the same lines.
export function meanReading(values, draws) {
  const { at, weights } = draws;
  const value = mean(at.map((place) => values[place]));
  if (at.length < 2) return { value, low: null, high: null };
  const means = weights.map((drawn) => {
    let sum = 0;
    let total = 0;
    for (let one = 0; one < at.length; one += 1) {
      sum += drawn[one] * values[at[one]];
      total += drawn[one];
    }
    return sum / total;
  }).sort((a, b) => a - b);
  return { value, low: quantile(means, 0.025), high: quantile(means, 0.975) };
}

// Draws of whole patients among the lines at these places, by a generator with a fixed seed.
export function patientDraws(at, patients) {
  const places = new Map();
  at.forEach((place, one) => {
    const patient = patients[place];
    places.set(patient, [...(places.get(patient) ?? []), one]);
  });
  const groups = [...places.values()];
  const random = generator(0);
  const weights = Array.from({ length: DRAWS }, () => {
    const drawn = new Float64Array(at.length);
    for (let turn = 0; turn < groups.length; turn += 1) {
      for (const one of groups[Math.floor(random() * groups.length)]) drawn[one] += 1;
    }
    return drawn;
  });
  return { at, weights };
}

// A share with its 95% interval (Wilson 1927, doi:10.2307/2276774).
export function wilson(successes, trials) {
  const share = successes / trials;
  const z2 = Z ** 2;
  const centre = (share + z2 / (2 * trials)) / (1 + z2 / trials);
  const half = Z * Math.sqrt(share * (1 - share) / trials + z2 / (4 * trials ** 2)) /
    (1 + z2 / trials);
  return { value: share, low: Math.max(Math.min(centre - half, share), 0),
    high: Math.min(Math.max(centre + half, share), 1) };
}

// How often a line that is sensitive stands above one that is not; null where one kind is missing.
export function rocAuc(values, isSensitive) {
  const order = values.map((value, at) => [value, isSensitive[at]]).sort((a, b) => a[0] - b[0]);
  let ranks = 0;
  let start = 0;
  while (start < order.length) {
    let end = start;
    while (end < order.length && order[end][0] === order[start][0]) end += 1;
    const rank = (start + end + 1) / 2;
    for (let at = start; at < end; at += 1) if (order[at][1]) ranks += rank;
    start = end;
  }
  const high = isSensitive.filter(Boolean).length;
  const low = isSensitive.length - high;
  return high && low ? (ranks - high * (high + 1) / 2) / (high * low) : null;
}

export function mean(values) {
  return values.length ? values.reduce((sum, one) => sum + one, 0) / values.length : null;
}

export function median(values) {
  return values.length ? quantile([...values].sort((a, b) => a - b), 0.5) : null;
}

function quantile(sorted, share) {
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
}

// Mulberry32: small, and the same everywhere.
function generator(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

// 0.123 [0.100, 0.150], as tables and hover texts show it.
export function readingText({ value, low, high }, digits = 3) {
  if (value === null) return "not known";
  const ends = low === null || high === null ? "" :
    ` [${low.toFixed(digits)}, ${high.toFixed(digits)}]`;
  return `${value.toFixed(digits)}${ends}`;
}
