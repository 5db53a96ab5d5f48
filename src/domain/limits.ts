import { MAX_JSON_DEPTH } from '../base/foreign-json';

/** Every default and limit that is not a setting of one server, once, with its unit in the name. */

/** How long Temporal keeps finished calls, and so how long a key answers with the stored result. */
export const RETENTION_DAYS = 7;

/** Results above this go through the store (claim check): Temporal refuses payloads over 2 MiB. */
export const MAX_INLINE_RESULT_BYTES = 1_000_000;
/** Heartbeats above this go without what the server has said: Temporal would end the call for them. */
export const MAX_HEARTBEAT_BYTES = 1_000_000;
/** Arguments above this are refused before anything is sent. */
export const MAX_ARGUMENT_BYTES = 1_000_000;
/** A key is part of an id; long ones are hashed anyway, this only bounds nonsense. */
export const MAX_KEY_LENGTH = 1_000;
/** How often the same key may be submitted again after it did not run (`~2`, `~3`, …). */
export const MAX_RESUBMISSIONS = 100;
/**
 * A call that did not run may have a successor for so long after its end; Temporal then keeps it for a day more at least. No client
 * takes that long from its look at a key to its submission, so that none finds its id free while the successor counts.
 */
export const RESUBMIT_WITHIN_MS = (RETENTION_DAYS - 1) * 24 * 3_600_000;
/** The same after the first resubmission: the last successor has ended before the first sign of them is gone. */
export const RESUBMISSION_LASTS_MS = 2 * RETENTION_DAYS * 24 * 3_600_000;

/** A client's snapshot of a server older than this is refreshed before the next call. */
export const SNAPSHOT_MAX_AGE_MS = 1_000;
/** A call that has not started after this looks at the server's state again. */
export const CALL_RECHECK_MS = 500;
/** Temporal may hold the polls of a host that died for this long, and would hand them calls. */
export const DEAD_POLL_MS = 200;
/** A control worker that dies with a workflow task holds up its server for this long; on a starved machine a task may take seconds. */
export const WORKFLOW_TASK_TIMEOUT_MS = 5_000;
/** An order about calls is answered when the owner of the server goes by it, or after this. */
export const OWNER_HEARS_MS = 2_000;
/** Longest wait for an answer of the control worker (queries and updates that do not wait). */
export const CONTROL_TIMEOUT_MS = 10_000;

/** A host keeps a call for a restart of its server this long; then Temporal's queue has it again. */
export const MAX_HELD_MS = 250;
/** A request that changes nothing reaches the server so often at most, when its answers are lost. */
export const MAX_REQUEST_SENDS = 3;

/** A call heartbeats only from this age on, so that short calls cost no extra request. */
export const CALL_HEARTBEAT_AFTER_MS = 1_000;
export const CALL_HEARTBEAT_INTERVAL_MS = 1_000;
/** A call whose host has been silent for this long ends as OUTCOME_UNKNOWN. */
export const CALL_HEARTBEAT_TIMEOUT_MS = 5_000;
/** Beyond the call's own timeout: time for the host to report the timeout itself. */
export const CALL_TIMEOUT_MARGIN_MS = 5_000;
/** After a server was told of a cancellation, how long it may take to answer; then the call is over. */
export const CANCEL_GRACE_MS = 2_000;
/** Longest timeout that a call may ask for. */
export const MAX_CALL_TIMEOUT_MS = 24 * 3_600_000;

/** How often a host says that a session lives, and extends its own lease by that. */
export const HEARTBEAT_INTERVAL_MS = 1_000;
/** An owner silent for this long is shown as RECOVERING although Temporal has not given it up yet. */
export const HEARTBEAT_STALE_MS = 2_500;
/** A session that no host has taken for this long is UNSCHEDULABLE. */
export const UNSCHEDULABLE_AFTER_MS = 10_000;
/**
 * A host that was silent for this long is lost. Below the default of its servers' own timeouts (`timeouts.host`): when those
 * move, others know already that nothing must be left to it.
 */
export const HOST_TIMEOUT_MS = 4_000;
/** How long calls in flight may take when a host is drained. */
export const DRAIN_GRACE_MS = 60_000;
/** Installations and validations that a host does at once, for each set of labels. */
export const HOST_ERRANDS = 20;
/** Lost hosts are listed for this long. */
export const LOST_HOST_SHOWN_MS = 3_600_000;
/** Servers that a host brings up at once, for each CPU: more would only make each other slow. */
export const STARTS_PER_CPU = 2;
/** A start that takes longer than this mostly waits, and lets the next one begin. */
export const START_TURN_MS = 5_000;
/** Servers that one host runs at most. */
export const DEFAULT_HOST_CAPACITY = 200;

export const PING_INTERVAL_MS = 10_000;
export const PING_TIMEOUT_MS = 5_000;

/** Of calls that wait for the same server; Temporal's own range. */
export const FIRST_PRIORITY = 1;
export const LAST_PRIORITY = 5;
export const DEFAULT_PRIORITY = 3;

/** Calls of one server that wait at most; more are refused instead of growing without end. */
export const DEFAULT_QUEUED_CALLS = 1_000;
/** An on-demand server without a call for this long stops. */
export const DEFAULT_IDLE_TIMEOUT_MS = 10 * 60_000;
/** A replica whose predecessor is not quite over waits for it so long. */
export const REPLICA_RETRY_MS = 200;
/** Sessions that share one queue. */
export const MAX_REPLICAS = 16;
/** A host polls one queue for each subset of its labels. */
export const MAX_HOST_LABELS = 5;

/** Lines of a child's stderr that are kept in memory, and put into errors. */
export const STDERR_RING_LINES = 200;
export const STDERR_LINES_IN_ERRORS = 5;
/** A stderr line above this is cut: a flood must not fill memory. */
export const MAX_LOG_LINE_BYTES = 8_192;
/** A server's log file is rotated at this size; one old file is kept. */
export const MAX_LOG_FILE_BYTES = 5 * 1024 * 1024;
/** A shorter value is found by chance in other text: masking "1" would garble everything. */
export const MIN_SECRET_LENGTH = 6;

/** Crash loops in a row (each a generation of its own) after which a server is in ERROR. */
export const MAX_CRASH_LOOPS = 3;
/** Attempts to bring a child up that has never answered, before the session gives up. */
export const MAX_START_ATTEMPTS = 3;

/** Events that go to the store at once: after a long outage of the store they must still fit into one payload. */
export const MAX_EVENT_BATCH = 100;
/** Events that wait for a store that cannot be written; an entity carries them along. */
export const MAX_WAITING_EVENTS = 1_000;

/** Transitions that an entity keeps for `status`; older ones are in the event store. */
export const RECENT_TRANSITIONS = 20;
/** An entity continues as new at this history length even if Temporal does not suggest it yet. */
export const ENTITY_HISTORY_LIMIT = 2_000;

/** Changed tools that an entity is told of, and the longest name; the owner knows all of them. */
export const MAX_SHARED_TOOL_CHANGES = 100;
export const MAX_SHARED_TOOL_NAME_LENGTH = 128;

/** Longest quarantine that can be ordered with an end. */
export const MAX_QUARANTINE_MS = 366 * 86_400_000;
/** Longest reason that an operator can give. */
export const MAX_REASON_LENGTH = 500;

/** Longest part of a tool's answer that is repeated as its error message. */
export const MAX_ERROR_TEXT_LENGTH = 500;

/** Attempts of an installation whose registry cannot be reached, or whose host dies. */
export const INSTALL_ATTEMPTS = 6;
/** A host that installs is silent for this long: it is lost. */
export const INSTALL_HEARTBEAT_TIMEOUT_MS = 10_000;
/** Longest attempt; large images and slow networks fit into it. */
export const INSTALL_TIMEOUT_MS = 3_600_000;
export const INSTALL_HEARTBEAT_INTERVAL_MS = 500;
/** Installations at once. */
export const DEFAULT_INSTALL_CONCURRENCY = 3;
/** Longest wait for a server to come up with a new version, its own timeouts included. */
export const SWITCH_TIMEOUT_MS = 30 * 60_000;
/** Longest validation of one server. */
export const VALIDATION_TIMEOUT_MS = 30 * 60_000;
/** An entity that finds its installation under way already waits this long for its end before it looks again. */
export const INSTALL_JOIN_RETRY_MS = 1_000;

/** Longest time that the delivery of an alert is tried again. */
export const ALERT_RETRY_FOR_MS = 24 * 3_600_000;
export const ALERT_FIRST_RETRY_MS = 1_000;
export const ALERT_MAX_RETRY_MS = 10 * 60_000;
/** Longest pause that a receiver may ask for. */
export const ALERT_MAX_RETRY_AFTER_MS = 3_600_000;
/** Longest wait for the answer to a webhook. */
export const ALERT_WEBHOOK_TIMEOUT_MS = 10_000;
export const DEFAULT_ALERT_COMMAND_TIMEOUT_MS = 30_000;
export const MAX_ALERT_COMMAND_TIMEOUT_MS = 10 * 60_000;
export const ALERT_HEARTBEAT_INTERVAL_MS = 1_000;
/** A control worker that delivers is silent for this long: another one tries. */
export const ALERT_HEARTBEAT_TIMEOUT_MS = 5_000;
/** Events of a server that are looked at to tell whether it was in trouble. */
export const ALERT_CONTEXT_EVENTS = 300;
/** Longest round of health checks that somebody waits for. */
export const HEALTH_NOW_TIMEOUT_MS = 120_000;

/** A client that takes nothing of what waits for it for this long is cut off. */
export const STALLED_CLIENT_MS = 30_000;
/** A comment on every event stream, so that nobody on the way takes it for dead. */
export const STREAM_KEEP_ALIVE_MS = 15_000;

/** A client of a host's socket that has not taken so much yet gets no notifications, and is not listened to, until it has. */
export const MAX_SOCKET_BACKLOG_BYTES = 4 * 1024 * 1024;
/** Longest frame to a host: arguments are bounded, and so is what gateways want to hear. */
export const MAX_FRAME_TO_HOST_BYTES = 4 * 1024 * 1024;
/** Longest frame from a host: the largest message that a server may send, and what is around it. */
export const MAX_FRAME_FROM_HOST_BYTES = 513 * 1024 * 1024;

/** Defaults of `gateway.limits` in configs. One message to the gateway; MCP's SDKs stop there, too. */
export const DEFAULT_BODY_BYTES = 4 * 1024 * 1024;
/** For one key each: sessions of legacy clients, requests without an answer yet, open streams. */
export const DEFAULT_KEY_SESSIONS = 2_000;
export const DEFAULT_KEY_CALLS = 1_000;
export const DEFAULT_KEY_STREAMS = 2_000;
/** Connections to the gateway in all; more are closed at once. */
export const DEFAULT_CONNECTIONS = 5_000;
/** Bytes that wait for one client; the largest result fits in. */
export const DEFAULT_BUFFER_BYTES = 32 * 1024 * 1024;

/** Headers of one request to the gateway, all together. */
export const MAX_HEADER_BYTES = 16 * 1024;
/** A request to the gateway whose headers, or all of it, take longer is ended. */
export const REQUEST_HEADERS_TIMEOUT_MS = 10_000;
export const REQUEST_TIMEOUT_MS = 60_000;
/** Idle connections stay open longer than those of usual clients and proxies, which therefore close them first. */
export const IDLE_CONNECTION_MS = 75_000;
/** Of a list of a server: what comes after it is left out. */
export const MAX_LIST_PAGES = 1_000;
export const MAX_LIST_ITEMS = 20_000;
/** Those that are odd, or listed again, included. */
export const MAX_LOOKED_AT_ITEMS = 100_000;
export const MAX_LIST_CHARACTERS = 64 * 1024 * 1024;
/** A server that still gives pages after it is not followed further. */
export const MAX_LIST_MS = 120_000;
/** On the socket of a host a message of a server or a client has a few levels of ours around it. */
export const MAX_SOCKET_JSON_DEPTH = MAX_JSON_DEPTH + 16;
/** Longest id of a request, and longest progress token, in characters: each event of a stream carries both. */
export const MAX_RPC_ID_LENGTH = 512;
/** What a client is told to wait before it tries again when it is over a limit, in seconds. */
export const RETRY_AFTER_S = 1;
/** Requests in flight get this long to end when the gateway stops. */
export const GATEWAY_GRACE_MS = 5_000;
/** Shortest key that clients may be given. */
export const MIN_KEY_LENGTH = 16;

/** A session of a legacy client that nobody has used for this long is over. */
export const SESSION_IDLE_TTL_MS = 24 * 3_600_000;
/** The last use of a session is written this often at most, and sessions that are over are looked for. */
export const SESSION_SEEN_MS = 60_000;
/** A session in memory is compared with the store before it is used when that was longer ago than this. */
export const SESSION_MAX_AGE_MS = 1_000;
/** What a session has in memory stays this long after its last stream broke, for the client to come back. */
export const SESSION_LINGER_MS = 60_000;
/** Messages of no request that are kept for a client that comes back. */
export const MAX_KEPT_EVENTS = 100;
export const MAX_SESSION_SUBSCRIPTIONS = 1_000;
/** Of what a client says of itself when it initializes. */
export const MAX_CLIENT_TEXT_BYTES = 64 * 1024;
/** Messages in one batch (2025-03-26). */
export const MAX_BATCH_MESSAGES = 100;
/** A request that takes longer than this is answered by a stream: it keeps the connection alive, and can be resumed. */
export const STREAM_AFTER_MS = 250;
/** How soon a legacy client comes back after a break: twice this has to be enough for a restart of the gateway. */
export const STREAM_RETRY_MS = 2_500;
/** A client whose call has not moved for this long is told that it still runs. */
export const PROGRESS_KEEP_ALIVE_MS = 15_000;

/** What servers list is looked up again when it is older than this and somebody asks, or waits for changes. */
export const LISTINGS_LOOK_INTERVAL_MS = 1_000;
/** A change of the inventory shows in lists after this at most; every request asks. */
export const LISTINGS_CHECK_INTERVAL_MS = 20;
/** All entities are asked again after this, also when no event says that there is something new. */
export const LISTINGS_SWEEP_INTERVAL_MS = 60_000;
/** Longest that the very first list waits for entities to say whether they may be shown. */
export const LISTINGS_FIRST_LOOK_MS = 2_000;
export const LISTINGS_ASKED_AT_ONCE = 16;
/** Changes of lists within this time are told together. */
export const LISTINGS_DEBOUNCE_MS = 100;
/** Instructions of all servers of an endpoint together; a model reads them with every conversation. */
export const MAX_INSTRUCTIONS_LENGTH = 8_000;

/** A modern client's request that sends nothing for this long is answered as a stream, so that nobody on the way gives it up. */
export const MODERN_STREAM_AFTER_MS = 10_000;
/** What a server asks within this time is put to a modern client together. */
export const ASK_TOGETHER_MS = 20;
/** Between looks at what a server asks a client whose call another gateway process has. */
export const PENDING_ASKS_INTERVAL_MS = 1_000;
/** Beyond the time that a server waits for an answer: what a client brings later is refused. */
export const REQUEST_STATE_MARGIN_MS = 60_000;
/** How long clients of the modern era may take lists for fresh; changes are told besides. */
export const LIST_FRESH_MS = 5_000;
/** Resources, and tasks, that one `subscriptions/listen` may follow. */
export const MAX_LISTENED_RESOURCES = 1_000;
export const MAX_LISTENED_TASKS = 100;

/** A call that takes longer becomes a task, for clients that can follow one. */
export const DEFAULT_TASK_AFTER_MS = 10_000;
export const TASK_POLL_INTERVAL_MS = 1_000;
/** How long a task and its result can be asked for, if its client does not say; at most as long as Temporal keeps them. */
export const DEFAULT_TASK_TTL_MS = 24 * 3_600_000;
export const MAX_TASK_TTL_MS = RETENTION_DAYS * 24 * 3_600_000;
/** Tasks in one answer to `tasks/list`. */
export const TASK_PAGE_SIZE = 50;

/** How long a client has to answer what a server asks. */
export const ASK_TIMEOUT_MS = 10 * 60_000;
/** How long a call may wait for its client altogether; its own time stands meanwhile. */
export const MAX_ASKING_MS = 60 * 60_000;
/** Further questions of one call are declined. */
export const MAX_ASKS_PER_CALL = 100;
/** A gateway that has a question and is silent for this long is gone: the next process of its id gets it. */
export const ASK_HEARTBEAT_TIMEOUT_MS = 3_000;
/** Rounds of questions that a modern server may ask for in one call. */
export const MAX_INPUT_ROUNDS = 10;
/** Notifications of one server in a second; more are dropped. */
export const MAX_NOTIFICATIONS_PER_SECOND = 500;
/** A WebSocket that answers neither of two of these is dead. */
export const WEBSOCKET_PING_MS = 15_000;
/** All results that one process keeps. */
export const RESULT_CACHE_BYTES = 64 * 1024 * 1024;

/** Tools that `search_tools` answers with. */
export const DEFAULT_SEARCH_RESULTS = 10;
export const MAX_SEARCH_RESULTS = 50;
/** Of what is searched for, in characters. */
export const MAX_SEARCH_QUERY_LENGTH = 500;
/** How often the gateway looks whether its keys and limits have changed. */
export const POLICY_WATCH_INTERVAL_MS = 1_000;

/** `mainspring stdio`: requests in flight get this long to end after its client has closed stdin; the SDKs kill after 2 to 4 s. */
export const STDIO_END_GRACE_MS = 5_000;
/** How long it waits for a gateway at its start. */
export const STDIO_CONNECT_TIMEOUT_MS = 10_000;
/** Pauses between its attempts to connect again. */
export const RECONNECT_FIRST_MS = 50;
export const RECONNECT_MAX_MS = 2_000;
/** Requests that wait without a gateway for this long are answered with an error. */
export const OFFLINE_ANSWER_MS = 60_000;
/** A request that was sent this often, each time to a connection that broke, is not sent again. */
export const MAX_RESENDS = 20;
/** Longest message between `mainspring stdio` and its client, either way. */
export const MAX_STDIO_MESSAGE_BYTES = 256 * 1024 * 1024;

/** What a server says of a call before its gateway knows the call's id is kept for this long, of so many calls, so many each. */
export const EARLY_NOTICE_MS = 1_000;
export const MAX_EARLY_CALLS = 1_000;
export const MAX_EARLY_NOTICES = 50;
