/** How registries, mirrors and proxies are configured. Wrong spellings do no harm, so that case does not matter. */
const REGISTRY_SETTINGS =
  /^(npm_config_.+|pip_.+|uv_.+|(https?|all|no)_proxy|ssl_cert_(file|dir)|node_extra_ca_certs|requests_ca_bundle|curl_ca_bundle|docker_(host|config|context|cert_path|tls_verify)|git_ssl_cainfo|xdg_(cache|config|data)_home)$/i;

/**
 * What an `npm start` or `npx` above us says about its own work, and what would make ours do something else. uv and pip have
 * the like: an environment or target that is not ours.
 */
const NOT_FOR_US =
  /^(npm_config_(_?.*prefix|global|location|package|call|workspaces?|include_workspace_root|dry_run|json|parseable|silent|loglevel|omit|include|only|also|dev|production|optional|save.*|tag|offline|ignore_scripts|(dangerously_|strict_)?allow_.*scripts|foreground_scripts|script_shell|package_lock.*|install_(strategy|links)|global_style|legacy_bundling|init_.*|user_agent|npm_version|node_gyp)|pip_(target|prefix|root|user|python|require_virtualenv|no_deps|editable|constraint|requirement|dry_run|report|ignore_installed)|uv_(project.*|python|venv.*|target|prefix|system_python|tool_.*|run_.*|env_file|constraint|override|no_sync|frozen|locked|isolated))$/i;

/** The part of an environment that a package tool gets, beyond what every child inherits. */
export function toolEnv(env: NodeJS.ProcessEnv): Record<string, string> {
  const picked: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined || !REGISTRY_SETTINGS.test(name) || NOT_FOR_US.test(name)) continue;
    picked[name] = value;
  }
  return picked;
}
