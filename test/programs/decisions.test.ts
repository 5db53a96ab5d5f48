import { type ProgramPin, type ProgramSource } from '../../src/domain/programs/programs';
import { nodeFlags } from '../../src/programs/npm/node-run';
import { binFile } from '../../src/programs/npm/npm-bin';
import { NPM_RULES } from '../../src/programs/npm/npm-command';
import { lockIsSatisfied, parseNpmLock } from '../../src/programs/npm/npm-lock';
import { programKey } from '../../src/programs/program-key';
import { toolEnv } from '../../src/programs/tool-env';
import { toolFailure } from '../../src/programs/tool-failure';

describe('the environment of a package tool', () => {
  it('has registries, proxies and certificates, and nothing else', () => {
    const kept = {
      npm_config_registry: 'http://r',
      'npm_config_@scope:registry': 'http://s',
      'npm_config_//r/:_authToken': 't',
      NPM_CONFIG_CAFILE: '/ca.pem',
      NPM_TOKEN: 't',
      npm_config_offline: 'true',
      npm_config_userconfig: '/npmrc',
      PIP_INDEX_URL: 'http://p',
      PIP_CERT: '/ca.pem',
      UV_INDEX_URL: 'http://u',
      UV_CACHE_DIR: '/cache',
      HTTPS_PROXY: 'http://proxy',
      no_proxy: 'localhost',
      NODE_EXTRA_CA_CERTS: '/ca.pem',
      SSL_CERT_FILE: '/ca.pem',
      DOCKER_HOST: 'tcp://d',
    };
    expect(
      toolEnv({
        ...kept,
        GITHUB_TOKEN: 'secret',
        NODE_OPTIONS: '--inspect',
        npm_package_name: 'x',
        npm_lifecycle_event: 'start',
        UNSET: undefined,
      }),
    ).toEqual(kept);
  });

  it.each([
    'npm_config_prefix',
    'npm_config_local_prefix',
    'npm_config_global',
    'npm_config_ignore_scripts',
    'npm_config_dangerously_allow_all_scripts',
    'npm_config_dry_run',
    'npm_config_package',
    'NPM_CONFIG_OMIT',
    'npm_config_package_lock_only',
    'PIP_TARGET',
    'PIP_USER',
    'UV_PROJECT_ENVIRONMENT',
    'UV_SYSTEM_PYTHON',
  ])('does not contain %s, which would change the result', (name) => {
    expect(toolEnv({ [name]: 'true' })).toEqual({});
  });
});

describe('why a tool failed', () => {
  it.each([
    ['npm error code E404', 'PACKAGE_NOT_FOUND'],
    ['npm ERR! code E404', 'PACKAGE_NOT_FOUND'],
    ['npm error code ETARGET', 'VERSION_NOT_FOUND'],
    ['npm error code EINTEGRITY', 'INTEGRITY_MISMATCH'],
    ['npm error code ENOSPC', 'DISK_FULL'],
    ['npm error code ECONNREFUSED', 'REGISTRY_UNREACHABLE'],
    ['npm error code ENOTFOUND', 'REGISTRY_UNREACHABLE'],
    ['npm error code E503', 'REGISTRY_UNREACHABLE'],
    ['npm error code E429', 'REGISTRY_UNREACHABLE'],
    ['npm error code ERR_SOCKET_TIMEOUT', 'REGISTRY_UNREACHABLE'],
    ['npm error code SELF_SIGNED_CERT_IN_CHAIN', 'REGISTRY_UNREACHABLE'],
    ['npm error code EBADPLATFORM', 'INSTALL_FAILED'],
    ['npm error code E401', 'INSTALL_FAILED'],
    ['npm warn tar TAR_ENTRY_ERROR ENOSPC: no space left on device, write', 'DISK_FULL'],
    ['OSError: [Errno 28] No space left on device', 'DISK_FULL'],
    ['something else', 'INSTALL_FAILED'],
  ])('%s is %s', (line, code) => {
    const lines = ['npm warn deprecated x', line, 'npm error A complete log of this run is there'];
    expect(toolFailure({ tool: 'npm', ended: 'code 1', lines }, NPM_RULES).code).toBe(code);
  });

  it('is reported with the last lines, without noise', () => {
    const lines = ['npm http fetch GET 404 http://r/x', '', 'npm error code E404'];
    lines.push('npm error Log files were not written due to the config logs-max=0');
    expect(toolFailure({ tool: 'npm', ended: 'code 1', lines }).message).toBe(
      'npm exited with code 1\nnpm error code E404',
    );
    expect(toolFailure({ tool: 'npm', ended: 'SIGXFSZ', lines: [] }).code).toBe('DISK_FULL');
  });
});

describe('the command of a package', () => {
  it.each([
    [{ name: '@s/tool', bin: 'cli.js' }, undefined, 'cli.js'],
    [{ name: '@s/tool', bin: { tool: './a.js', other: 'b.js' } }, undefined, 'a.js'],
    [{ name: 'tool', bin: { only: 'a.js' } }, undefined, 'a.js'],
    [{ name: 'tool', bin: { one: 'a.js', two: './a.js' } }, undefined, 'a.js'],
    [{ name: 'tool', bin: { one: 'a.js', two: 'b.js' } }, 'two', 'b.js'],
    [{ name: 'tool', bin: '../../etc/passwd' }, undefined, 'etc/passwd'],
    [{ name: 'tool', bin: { tool: '/a.js' } }, undefined, 'a.js'],
  ])('of %j, wanted %s, is %s', (manifest, wanted, file) => {
    expect(binFile(manifest, wanted)).toBe(file);
  });

  it.each([
    [{ name: 'lib' }, undefined, 'has no command to start'],
    [{ name: 'lib', bin: {} }, 'lib', 'has no command to start'],
    [{ name: 'tool', bin: { one: 'a', two: 'b' } }, undefined, 'several commands'],
    [{ name: 'tool', bin: { serve: 'a' } }, 'server', 'did you mean "serve"'],
  ])('of %j, wanted %s, is an error: %s', (manifest, wanted, message) => {
    expect(() => binFile(manifest, wanted)).toThrow(message);
  });
});

describe('the flags of a program for Node.js', () => {
  it.each([
    ['cli', '#!/usr/bin/env node', []],
    [
      'cli',
      '#!/usr/bin/env -S node --no-warnings --stack-size=9',
      ['--no-warnings', '--stack-size=9'],
    ],
    ['cli', '#!/usr/local/bin/node', []],
    ['cli.js', '"use strict"', []],
    ['cli.mjs', 'import x', []],
    ['cli.cjs', '', []],
    ['cli', '#!/bin/sh', undefined],
    ['cli.js', '#!/usr/bin/env bun', undefined],
    ['cli', '#!/usr/bin/env python3', undefined],
    ['cli', '\x7fELF', undefined],
  ])('%s that begins with %s: %j', (name, line, flags) => {
    expect(nodeFlags(name, line)).toEqual(flags);
  });
});

describe('the key of a program', () => {
  const source: ProgramSource = { method: 'npm', package: '@s/tool', wanted: '^1' };
  const pin: ProgramPin = {
    name: '@s/tool',
    version: '1.2.3',
    integrity: 'sha512-x',
    lock: 'a',
    allowScripts: ['b', 'a'],
  };
  const platform = { os: 'linux', arch: 'x64', nodeMajor: '20' };
  const key = programKey(source, pin, platform);

  it('is readable, and equal for equal contents', () => {
    expect(key).toMatch(/^s-tool@1\.2\.3-[0-9a-f]{12}$/);
    const same = { ...pin, allowScripts: ['a', 'b', 'a'] };
    expect(programKey({ ...source, wanted: 'latest' }, same, platform)).toBe(key);
  });

  it.each<[string, ProgramSource, ProgramPin, typeof platform]>([
    ['version', source, { ...pin, version: '1.2.4' }, platform],
    ['integrity', source, { ...pin, integrity: 'sha512-y' }, platform],
    ['lock', source, { ...pin, lock: 'b' }, platform],
    ['consent', source, { ...pin, allowScripts: ['a'] }, platform],
    ['command', { ...source, bin: 'other' }, pin, platform],
    ['method', { method: 'mcpb', file: '/x' }, pin, platform],
    ['system', source, pin, { ...platform, os: 'darwin' }],
    ['processor', source, pin, { ...platform, arch: 'arm64' }],
    ['Node.js', source, pin, { ...platform, nodeMajor: '22' }],
  ])('changes with the %s', (_, otherSource, otherPin, otherPlatform) => {
    expect(programKey(otherSource, otherPin, otherPlatform)).not.toBe(key);
  });

  it('stays in its folder, whatever the name or version', () => {
    const odd = { ...pin, name: '../../etc', version: '../x' };
    expect(programKey(source, odd, platform)).toMatch(/^[A-Za-z0-9][^/]*$/);
  });
});

describe('installed packages', () => {
  const lock = (packages: object) => parseNpmLock(JSON.stringify({ packages }));
  const a = { 'node_modules/a': { version: '1.0.0', integrity: 'x' } };

  it.each([
    [a, a, true],
    [a, {}, false],
    [a, { 'node_modules/a': { version: '1.0.1', integrity: 'x' } }, false],
    [a, { 'node_modules/a': { version: '1.0.0', integrity: 'y' } }, false],
    [{ 'node_modules/a': { version: '1.0.0', optional: true } }, {}, true],
    [{ 'node_modules/a': { version: '1.0.0', dev: true } }, {}, true],
    [{ '': { version: '9' }, 'node_modules/a': { link: true } }, {}, true],
    [{}, a, true],
  ])('of the lock %j are there with %j: %s', (wanted, installed, isThere) => {
    expect(lockIsSatisfied(lock(wanted), lock(installed))).toBe(isThere);
  });
});
