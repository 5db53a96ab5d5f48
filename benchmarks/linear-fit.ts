/** Returns the slope of the least-squares line through the points. */
export function slopeOf(points: readonly (readonly [x: number, y: number])[]): number {
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const meanX = mean(points.map(([x]) => x));
  const meanY = mean(points.map(([, y]) => y));
  const covariance = points.map(([x, y]) => (x - meanX) * (y - meanY));
  const variance = points.map(([x]) => (x - meanX) ** 2);
  return mean(covariance) / mean(variance);
}
