/** Programs that keep their servers in a known place. */
export const CONFIG_PROGRAMS = [
  ...(['claude', 'cursor', 'vscode', 'windsurf', 'codex', 'cline', 'roo', 'gemini'] as const),
  ...(['opencode', 'zed', 'amp', 'goose', 'continue', 'copilot', 'kiro', 'amazonq'] as const),
  ...(['jetbrains', 'warp', 'librechat'] as const),
] as const;

export type ConfigProgram = (typeof CONFIG_PROGRAMS)[number];

/** Targets of exports: these programs, and formats that no single program owns. */
export const EXPORT_TARGETS = [
  ...CONFIG_PROGRAMS,
  ...(['typed', 'registry', 'mcpb', 'mainspring'] as const),
] as const;

export type ExportTarget = (typeof EXPORT_TARGETS)[number];
