// Lighthouse's performance score, computed as it does (version 10 and later):
// each metric through a log-normal curve given by its 10th percentile and its
// median on mobile, then weighted. Without the Speed Index, which needs a film
// of the page; the other weights are scaled up to 1.

export interface Metrics {
  /** First Contentful Paint, in ms. */
  fcp: number;
  /** Largest Contentful Paint, in ms. */
  lcp: number;
  /** Total Blocking Time after the first paint, in ms. */
  tbt: number;
  /** Cumulative Layout Shift. */
  cls: number;
}

const CURVES: Record<keyof Metrics, { p10: number; median: number; weight: number }> = {
  fcp: { p10: 1_800, median: 3_000, weight: 10 },
  lcp: { p10: 2_500, median: 4_000, weight: 25 },
  tbt: { p10: 200, median: 600, weight: 30 },
  cls: { p10: 0.1, median: 0.25, weight: 25 },
};

/** Where the complementary error function is one fifth. */
const INVERSE_ERFC_ONE_FIFTH = 0.9061938024368232;

/** Abramowitz and Stegun 7.1.26, as Lighthouse does. */
function erf(x: number): number {
  const t = 1 / (1 + 0.3275911 * Math.abs(x));
  const y = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  return Math.sign(x) * (1 - y * Math.exp(-x * x));
}

function curve(value: number, { p10, median }: { p10: number; median: number }): number {
  if (value <= 0) return 1;
  const x = (Math.log(value / median) * INVERSE_ERFC_ONE_FIFTH) / -Math.log(p10 / median);
  return (1 - erf(x)) / 2;
}

/** From 0 to 100. */
export function score(metrics: Metrics): number {
  let [sum, weights] = [0, 0];
  for (const [name, how] of Object.entries(CURVES)) {
    sum += how.weight * curve(metrics[name as keyof Metrics], how);
    weights += how.weight;
  }
  return (100 * sum) / weights;
}
