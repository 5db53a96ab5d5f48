import { AsyncResource } from 'node:async_hooks';

interface Group {
  jobs: Set<(round: number) => void>;
  timer: NodeJS.Timeout;
}

/**
 * Runs jobs at an interval, together: what each of them sends then goes in one packet, and wakes its receiver once. A
 * limited number at a time, or they would delay everything else.
 */
export class Rounds {
  readonly #groups = new Set<Group>();

  constructor(
    private readonly intervalMs: number,
    private readonly maxTogether: number,
  ) {}

  /** Runs the job in each round, with its number; returns a function that ends that. The job must not throw. */
  add(job: (round: number) => void): () => void {
    const group =
      [...this.#groups].find(({ jobs }) => jobs.size < this.maxTogether) ?? this.#startGroup();
    const bound = AsyncResource.bind(job); // each for whom it was added, not for the first of its group
    group.jobs.add(bound);
    return () => {
      group.jobs.delete(bound);
      if (group.jobs.size > 0) return;
      clearInterval(group.timer);
      this.#groups.delete(group);
    };
  }

  #startGroup(): Group {
    const jobs = new Set<(round: number) => void>();
    let round = 0;
    const run = () => {
      round++;
      for (const job of jobs) job(round);
    };
    const group = { jobs, timer: setInterval(run, this.intervalMs) };
    this.#groups.add(group);
    return group;
  }
}
