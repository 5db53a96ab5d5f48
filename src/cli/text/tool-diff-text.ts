import { type MemberDiff, type ToolDiff } from '../../domain/isolation/tool-changes';
import { visible } from './visible';

const WORDS: Record<ToolDiff['change'], string> = {
  changed: 'changed',
  added: 'added',
  removed: 'removed',
};

/** Renders what has changed about each tool, for a user who approves it: nothing in it can hide. */
export function renderToolDiffs(diffs: readonly ToolDiff[]): string {
  return diffs.map(renderTool).join('\n');
}

function renderTool({ tool, change, members }: ToolDiff): string {
  return [`${visible(tool)}: ${WORDS[change]}`, ...members.flatMap(renderMember)].join('\n');
}

function renderMember({ member, before, after }: MemberDiff): string[] {
  return [`  ${visible(member)}`, ...marked('-', before), ...marked('+', after)];
}

function marked(mark: string, text: string | undefined): string[] {
  if (text === undefined) return [];
  return text.split('\n').map((line) => `    ${mark} ${visible(line)}`);
}
