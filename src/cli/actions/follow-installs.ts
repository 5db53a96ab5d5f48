import { hasEnded, type InstallReport } from '../../domain/programs/installs';
import { liveText } from '../terminal/live-text';
import { type Output } from '../terminal/output';
import { firstLine, renderInstalls } from '../text/install-text';

/** A table that redraws itself on a terminal; elsewhere a line for each that has ended. */
export function followInstalls(output: Output): {
  show: (reports: InstallReport[]) => void;
  end: () => void;
} {
  const live = liveText(output);
  const told = new Set<string>();
  return {
    show(reports) {
      live.draw(renderInstalls(reports, output.fancy));
      if (process.stderr.isTTY) return;
      for (const report of reports) {
        if (told.has(report.server) || !hasEnded(report)) continue;
        told.add(report.server);
        output.progress(`  ${report.server}: ${report.status}, ${firstLine(report.detail)}`);
      }
    },
    end: () => live.clear(),
  };
}
