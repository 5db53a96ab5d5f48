import { suggest } from '../../src/templates/suggest';
import { loadTemplates, type LoadedTemplate } from '../../src/templates/load-templates';

let templates: LoadedTemplate[];

beforeAll(async () => {
  ({ templates } = await loadTemplates('/nonexistent'));
});

describe('suggest', () => {
  it.each([
    ['review pull requests and query the warehouse', ['github', 'postgres']],
    ['review pull requests', ['github']],
    ['review merge requests', ['gitlab']],
    ['I need GitHub and Postgres', ['github', 'postgres']],
    ['read and write files in my home folder', ['filesystem']],
    ['edit local text files', ['filesystem']],
    ['fetch a web page as markdown', ['fetch']],
    ['download articles from websites', ['fetch']],
    ['show the git history and the diff of a branch', ['git']],
    ['remember facts about users across conversations', ['memory']],
    ['what time is it in Tokyo', ['time']],
    ['convert between timezones', ['time']],
    ['think step by step about hard problems', ['sequential-thinking']],
    ['a demo server to try mcp', ['everything']],
    ['open an sqlite file', ['sqlite']],
    ['run SQL queries in PostgreSQL', ['postgres']],
    ['query our mariadb', ['mysql']],
    ['CI pipelines of our self-hosted GitLab', ['gitlab']],
    ['post a message to a Slack channel', ['slack']],
    ['click through a website and take screenshots', ['playwright']],
    ['end to end tests in a browser', ['playwright']],
    ['clear cached keys in redis', ['redis']],
    ['find documents in a mongo collection', ['mongodb']],
    ['restart pods in our k8s cluster', ['kubernetes']],
    ['look up terraform providers', ['terraform']],
    ['infrastructure as code', ['terraform']],
    ['look at dashboards and metrics', ['grafana']],
    ['query Prometheus and Loki logs', ['grafana']],
    ['debug exceptions from production', ['sentry']],
    ['stack traces of crashes', ['sentry']],
    ['write meeting notes to Notion', ['notion']],
    ['search the web for news', ['brave-search']],
    ['google something', ['brave-search']],
    ['up to date docs of a library', ['context7']],
  ])('suggests for "%s" first %j', (intent, expected) => {
    const names = suggest(templates, intent).suggestions.map(({ name }) => name);
    expect(names.slice(0, expected.length).sort()).toEqual([...expected].sort());
  });

  it('returns the reason: which words matched in which field', () => {
    const [first] = suggest(templates, 'query the warehouse with SQL').suggestions;
    expect(first?.name).toBe('postgres');
    expect(first?.because).toContainEqual({
      word: 'warehouse',
      matched: 'warehouse',
      field: 'keywords',
    });
    const [pods] = suggest(templates, 'k8s').suggestions;
    expect(pods?.because[0]?.word).toBe('k8s');
  });

  it('returns the parts of the sentence without a match', () => {
    const { suggestions, unmatched } = suggest(templates, 'brew strong espresso and read files');
    expect(suggestions[0]?.name).toBe('filesystem');
    expect(unmatched).toEqual(['brew strong espresso']);
  });

  it('returns nothing for an unknown topic', () => {
    expect(suggest(templates, 'brew espresso')).toEqual({
      suggestions: [],
      unmatched: ['brew espresso'],
    });
    expect(suggest(templates, 'the and of')).toEqual({ suggestions: [], unmatched: [] });
  });

  it('prefers maintained templates', () => {
    const names = suggest(templates, 'browser web automation').suggestions.map(({ name }) => name);
    expect(names.indexOf('playwright')).toBeLessThan(names.indexOf('puppeteer'));
  });

  it('returns at most the requested number', () => {
    expect(suggest(templates, 'database query', { limit: 2 }).suggestions).toHaveLength(2);
  });
});
