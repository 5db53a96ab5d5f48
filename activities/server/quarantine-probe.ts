import { type HealthResult } from '../../src/domain/health/health';
import { type Quarantine } from '../../src/domain/isolation/isolation';
import { MAX_REASON_LENGTH } from '../../src/domain/limits';
import { probeAtMs } from '../../src/domain/isolation/quarantine';

export interface ProbeVerdict {
  passed: boolean;
  reason: string;
}

/** Tries the server at the end of a quarantine for errors. */
export class QuarantineProbe {
  #timer: NodeJS.Timeout | undefined;
  #quarantine: Quarantine | undefined;

  constructor(
    private readonly checkNow: () => Promise<HealthResult>,
    private readonly onVerdict: (verdict: ProbeVerdict) => void,
  ) {}

  /** Waits for the end of this quarantine instead of the previous one. */
  waitFor(quarantine: Quarantine | undefined): void {
    clearTimeout(this.#timer);
    this.#quarantine = quarantine;
    const atMs = probeAtMs(quarantine);
    if (atMs === undefined) return;
    this.#timer = setTimeout(() => void this.#probe(), Math.max(0, atMs - Date.now()));
  }

  close(): void {
    this.waitFor(undefined);
  }

  async #probe(): Promise<void> {
    const quarantine = this.#quarantine;
    const verdict = await this.checkNow().then(verdictOf, (error: unknown) => ({
      passed: false,
      reason: error instanceof Error ? error.message : String(error),
    }));
    // Released or quarantined anew meanwhile: the newer state counts.
    if (this.#quarantine !== quarantine) return;
    this.onVerdict({ ...verdict, reason: verdict.reason.slice(0, MAX_REASON_LENGTH) });
  }
}

function verdictOf({ checks, reason }: HealthResult): ProbeVerdict {
  return { passed: checks.every(({ status }) => status !== 'failed'), reason };
}
