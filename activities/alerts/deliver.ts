import { ApplicationFailure, heartbeat, log } from '@temporalio/activity';
import { type Alert, type AlertChannel, type AlertDelivery } from '../../src/domain/alerts/alerts';
import { MainspringError } from '../../src/base/errors';
import { type Receivers } from '../../src/inventory/alert-receivers';
import { fillTexts } from '../../src/inventory/references/fill-texts';
import { lookUpVariables } from '../../src/inventory/references/variables';
import { createMask } from '../../src/process/mask';
import { type Attempt } from './attempt';
import { runAlertCommand } from './command';
import { appendAlertLog } from './log';
import { postWebhook } from './webhook';

const ALERT_HEARTBEAT_INTERVAL_MS = 1_000;

interface DeliverDeps {
  home: string;
  receivers: () => Promise<Receivers>;
}

/** Makes one attempt to deliver an alert to a receiver; Temporal makes the next one. */
export async function deliverAlert(
  { home, receivers }: DeliverDeps,
  { receiver: name, alert }: AlertDelivery,
): Promise<string> {
  const receiver = (await receivers()).receivers.find((known) => known.name === name);
  if (!receiver) return `the receiver "${name}" no longer exists`;
  const beating = setInterval(() => heartbeat(), ALERT_HEARTBEAT_INTERVAL_MS);
  try {
    const attempt = await attemptTo(home, receiver.channel, name, alert);
    if (attempt.delivered) return attempt.how;
    if (!attempt.again)
      log.error(`giving up on the alert to ${name}: ${attempt.why}`, { alert: alert.id });
    throw ApplicationFailure.create({
      message: attempt.why,
      type: 'ALERT_FAILED',
      nonRetryable: !attempt.again,
      nextRetryDelay: attempt.afterMs,
    });
  } finally {
    clearInterval(beating);
  }
}

async function attemptTo(
  home: string,
  channel: AlertChannel,
  name: string,
  alert: Alert,
): Promise<Attempt> {
  if (channel.kind === 'log') {
    log.warn(alert.text, { receiver: name, alert: alert.id });
    return { delivered: true, how: await appendAlertLog(home, name, alert) };
  }
  try {
    const { texts, secrets } = await resolved(home, name, channel);
    const mask = createMask(secrets);
    const attempt = await (channel.kind === 'webhook'
      ? postWebhook(texts, alert)
      : runAlertCommand(withTexts(channel, texts), alert));
    return attempt.delivered ? attempt : { ...attempt, why: mask(attempt.why) };
  } catch (error) {
    // A variable that is unset now may be set when the control worker starts again.
    if (!(error instanceof MainspringError)) throw error;
    return { delivered: false, why: `${error.message} ${error.fix}`, again: true };
  }
}

type Addressed = Exclude<AlertChannel, { kind: 'log' }>;

async function resolved(home: string, name: string, channel: Addressed) {
  const variables = await lookUpVariables({}, process.env, home);
  return fillTexts(`The alert receiver "${name}"`, textsOf(channel), variables);
}

/** Every text of a channel that may hold references, by the name of its field. */
function textsOf(channel: Addressed): Record<string, string> {
  if (channel.kind === 'webhook') {
    const { url, secret } = channel;
    return { url, ...(secret !== undefined && { secret }) };
  }
  const { command, args, env } = channel;
  return {
    command,
    ...Object.fromEntries(args.map((arg, index) => [`args[${index}]`, arg])),
    ...Object.fromEntries(Object.entries(env).map(([key, value]) => [`env.${key}`, value])),
  };
}

function withTexts(
  channel: Extract<AlertChannel, { kind: 'command' }>,
  texts: Record<string, string>,
) {
  const { command, args, env } = channel;
  return {
    ...channel,
    command: texts['command'] ?? command,
    args: args.map((arg, index) => texts[`args[${index}]`] ?? arg),
    env: Object.fromEntries(
      Object.entries(env).map(([key, value]) => [key, texts[`env.${key}`] ?? value]),
    ),
  };
}
