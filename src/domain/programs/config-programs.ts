/** Programs that keep their servers in a place that is known. */
export const CONFIG_PROGRAMS = [
  ...(['claude', 'cursor', 'vscode', 'windsurf', 'codex', 'cline', 'roo', 'gemini'] as const),
  ...(['opencode', 'zed', 'amp', 'goose', 'continue', 'copilot', 'kiro', 'amazonq'] as const),
  ...(['jetbrains', 'warp', 'librechat'] as const),
] as const;

export type ConfigProgram = (typeof CONFIG_PROGRAMS)[number];

/** For whom servers can be written out: these programs, and forms that no single program owns. */
export const EXPORT_TARGETS = [
  ...CONFIG_PROGRAMS,
  ...(['typed', 'registry', 'mcpb', 'mainspring'] as const),
] as const;

export type ExportTarget = (typeof EXPORT_TARGETS)[number];
