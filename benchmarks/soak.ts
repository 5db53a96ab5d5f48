import { type BenchResult } from './bench-result';
export async function benchSoak(): Promise<BenchResult> {
  throw new Error('later');
}
