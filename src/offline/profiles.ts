import path from 'node:path';
import { type Profile, readInventory, updateInventory } from '../inventory/inventory';
import { type AgentFile } from '../templates/agent-file';
import { type AgentPlan } from '../templates/plan-agent';
import { unknownProfile } from '../domain/servers/unknown-name-errors';

export { type AgentFile } from '../templates/agent-file';
export { type AgentPlan, type NewAgentServer } from '../templates/plan-agent';
export { type Profile };

/** The profiles of a data directory: each lists the servers and tools that an agent works with. */
export class Profiles {
  /** @internal */
  constructor(private readonly home: string) {}

  /** Returns the profiles by name. */
  async list(): Promise<Record<string, Profile>> {
    return (await readInventory(this.home)).profiles ?? {};
  }

  /** @throws MainspringError UNKNOWN_PROFILE, with similar names */
  async get(name: string, what?: 'profile' | 'agent'): Promise<Profile> {
    const profiles = await this.list();
    const profile = Object.hasOwn(profiles, name) ? profiles[name] : undefined;
    if (!profile) throw unknownProfile(name, Object.keys(profiles), what);
    return profile;
  }

  /** Adds a profile, or replaces the one with this name. */
  async set(name: string, profile: Profile): Promise<void> {
    await updateInventory(this.home, (inventory) => ({
      ...inventory,
      profiles: { ...inventory.profiles, [name]: profile },
    }));
  }

  /** Removes a profile; its servers stay. */
  async remove(name: string, what?: 'profile' | 'agent'): Promise<void> {
    await this.get(name, what);
    await updateInventory(this.home, (inventory) => {
      const { [name]: _removed, ...profiles } = inventory.profiles ?? {};
      return { ...inventory, profiles };
    });
  }
}

/** Reads an agent file and plans what attaching it would do; changes nothing. */
export async function planAgentFile(
  home: string,
  file: string,
  cwd: string = process.cwd(),
): Promise<{ agent: AgentFile; plan: AgentPlan }> {
  const [{ readAgentFile }, { loadTemplates }, { planAgent }, { findLegacyConfigs }] =
    await Promise.all([
      import('../templates/agent-file.js'),
      import('../templates/load-templates.js'),
      import('../templates/plan-agent.js'),
      import('./legacy-config.js'),
    ]);
  const agent = await readAgentFile(file);
  const [{ servers }, { templates }, legacy] = await Promise.all([
    readInventory(home),
    loadTemplates(home),
    findLegacyConfigs([path.dirname(agent.file), cwd], [agent.file]),
  ]);
  return {
    agent,
    plan: planAgent(agent, { servers: Object.keys(servers), templates, legacy, cwd }),
  };
}

/** The profile that an agent becomes, with the servers that exist by then. */
export function profileOf(
  { systemPrompt, tools }: AgentFile,
  { existing, added }: AgentPlan,
): Profile {
  const used = added.filter(({ isUsed }) => isUsed);
  return {
    servers: [...existing, ...used].map(({ name }) => name),
    ...(tools && { tools }),
    ...(systemPrompt !== undefined && { systemPrompt }),
  };
}
