import { renderJunit } from '../../../src/cli/text/junit';
import { type ValidationReport } from '../../../src/domain/servers/validation';

const report: ValidationReport = {
  server: 'a"<b>&',
  passed: false,
  startedAtMs: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
  durationMs: 1_234,
  checks: [
    { name: 'start', status: 'passed', detail: 'fine', ms: 12 },
    { name: 'junk', status: 'failed', detail: 'it said:\n<x>\u0000\ud800 "&\u{1F600}', ms: 0 },
    { name: 'memory', status: 'warning', detail: 'much', ms: 1 },
    { name: 'prompts', status: 'skipped', detail: 'none', ms: 0 },
  ],
};

test('a suite per server and a case per check, with everything escaped that XML cannot hold', () => {
  expect(renderJunit([report])).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="mainspring validate" tests="4" failures="1" errors="0" skipped="1" time="1.234">
  <testsuite name="a&quot;&lt;b&gt;&amp;" tests="4" failures="1" errors="0" skipped="1" time="1.234" timestamp="2026-01-02T03:04:05">
    <testcase classname="a&quot;&lt;b&gt;&amp;" name="start" time="0.012">
      <system-out>fine</system-out>
    </testcase>
    <testcase classname="a&quot;&lt;b&gt;&amp;" name="junk" time="0.000">
      <failure message="it said:">it said:&#10;&lt;x&gt;\ufffd\ufffd &quot;&amp;\u{1F600}</failure>
    </testcase>
    <testcase classname="a&quot;&lt;b&gt;&amp;" name="memory" time="0.001">
      <system-out>warning: much</system-out>
    </testcase>
    <testcase classname="a&quot;&lt;b&gt;&amp;" name="prompts" time="0.000">
      <skipped message="none"/>
    </testcase>
  </testsuite>
</testsuites>
`);
});

test('no server is no suite', () => {
  expect(renderJunit([])).toContain('tests="0" failures="0"');
});
