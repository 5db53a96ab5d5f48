/** Variables that configure registries, mirrors, proxies and credentials. */
const REGISTRY_SETTINGS = [
  /^(npm_config_.+|pip_.+|uv_.+)$/i,
  /^(NPM_TOKEN|NODE_AUTH_TOKEN)$/, // usually referenced by a .npmrc
  /^(https?|all|no)_proxy$/i,
  /^(ssl_cert_(file|dir)|node_extra_ca_certs|requests_ca_bundle|curl_ca_bundle|git_ssl_cainfo)$/i,
  /^docker_(host|config|context|cert_path|tls_verify)$/i,
  /^xdg_(cache|config|data)_home$/i,
];

/**
 * Variables that a parent `npm start` or `npx` sets about its own work, and those that would make our tools do
 * something else, such as install into another environment.
 */
const EXCLUDED_SETTINGS = [
  /^npm_config_(.*prefix|global|location|package|call|workspaces?|include_workspace_root|dry_run)$/i,
  /^npm_config_(json|parseable|silent|loglevel|tag|init_.*|user_agent|npm_version|node_gyp)$/i,
  /^npm_config_(omit|include|only|also|dev|production|optional|save.*|package_lock.*)$/i,
  /^npm_config_(install_(strategy|links)|global_style|legacy_bundling)$/i,
  /^npm_config_(ignore_scripts|(dangerously_|strict_)?allow_.*scripts|foreground_scripts|script_shell)$/i,
  /^pip_(target|prefix|root|user|python|require_virtualenv|dry_run|report|ignore_installed)$/i,
  /^pip_(no_deps|editable|constraint|requirement)$/i,
  /^uv_(project.*|python|venv.*|target|prefix|system_python|tool_.*|run_.*|env_file|isolated)$/i,
  /^uv_(constraint|override|no_sync|frozen|locked)$/i,
];

/** The part of an environment that a package tool gets, in addition to what every child inherits. */
export function toolEnv(env: NodeJS.ProcessEnv): Record<string, string> {
  const picked: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    const matches = (pattern: RegExp) => pattern.test(name);
    const isPassed = REGISTRY_SETTINGS.some(matches) && !EXCLUDED_SETTINGS.some(matches);
    if (value !== undefined && isPassed) picked[name] = value;
  }
  return picked;
}
