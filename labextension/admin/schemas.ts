// Generated from the shapes of orrery_hub by "jlpm schemas"; change those and run it again.
import type {
  Period,
  Resource,
  Subject,
  UseState,
  CauseKind,
  RequestState,
  LeaseState,
  OpenState,
  Cause,
  TicketState,
  Priority,
  Budget,
  ServerCost,
  MyBudgets,
  BudgetRequest,
  Cost,
  WaitEstimate,
  OpenRequest,
  LastFailure,
  DatasetChoice,
  ImageChoice,
  ProfileChoice,
  Lease,
  ServiceLink,
  LaunchOptions,
  WaitCause,
  WaitRange,
  Ticket
} from '../src/base/shared/schemas';

export type {
  Period,
  Resource,
  Subject,
  UseState,
  CauseKind,
  RequestState,
  LeaseState,
  OpenState,
  Cause,
  TicketState,
  Priority,
  Budget,
  ServerCost,
  MyBudgets,
  BudgetRequest,
  Cost,
  WaitEstimate,
  OpenRequest,
  LastFailure,
  DatasetChoice,
  ImageChoice,
  ProfileChoice,
  Lease,
  ServiceLink,
  LaunchOptions,
  WaitCause,
  WaitRange,
  Ticket
};

export type AnyRole =
  'admin' | 'data-scientist' | 'ml-engineer' | 'production-engineer' | 'viewer';
export type ProjectRole = 'owner' | 'editor' | 'viewer';
export type Source = 'administrator' | 'assigned' | 'claim' | 'default';
export type ServerState = 'starting' | 'ready' | 'stopping';
export type Status = 'ok' | 'degraded' | 'failing' | 'unknown';
export type JobState = 'queued' | 'running' | 'done' | 'cancelled';
export type ItemState = 'pending' | 'done' | 'failed' | 'cancelled';
export type Level = 'info' | 'warning';
export type Place = 'login' | 'spawn' | 'lab';
export type Outcome = 'done' | 'forbidden' | 'conflict' | 'too_many';
export type FailureStage = 'prepare' | 'start' | 'answer' | 'run';

/** A permission, as every role has it or not. */
export interface Permission {
  name: string;
  description: string;
  kind: 'see' | 'develop' | 'publish' | 'deploy' | 'operate';
}

/** A role at the hub and its permissions. */
export interface RoleInfo {
  name: AnyRole;
  title: string;
  description: string;
  /** True: nobody can change its permissions. */
  is_fixed: boolean;
  /** True: everybody has it to whom no other was given. */
  is_default: boolean;
  permissions: readonly string[];
}

/** Every role and every permission. */
export interface RoleTable {
  roles: readonly RoleInfo[];
  permissions: readonly Permission[];
}

/** A role that a person has, and from where. */
export interface RoleGrant {
  role: AnyRole;
  source: Source;
  /** The provider's group or app role that gives it. */
  claim: string;
}

/** A person's roles at the hub. */
export interface PersonRoles {
  person_id: number;
  name: string;
  /** As far as Orrery's database knows; who administers JupyterHub is not in it. */
  roles: readonly RoleGrant[];
}

/** What a group or an app role of the log-in provider gives: a role in a project, or at the hub. */
export interface ClaimMappingIn {
  kind: 'group' | 'role';
  /** A group by its full path. */
  value: string;
  /** Null: the role is at the hub. */
  project?: string | null;
  role:
    | 'owner'
    | 'editor'
    | 'viewer'
    | 'data-scientist'
    | 'ml-engineer'
    | 'production-engineer';
}

/** A mapping that is in force. */
export interface ClaimMapping {
  kind: 'group' | 'role';
  /** A group by its full path. */
  value: string;
  /** Null: the role is at the hub. */
  project: string | null;
  role:
    | 'owner'
    | 'editor'
    | 'viewer'
    | 'data-scientist'
    | 'ml-engineer'
    | 'production-engineer';
  id: number;
  /** How many people have the group or role, as last seen. */
  people: number;
}

/** A condition of the action: whether it is met, what it is, and why. */
export interface Step {
  is_met: boolean;
  what: string;
  why: string;
}

/** Whether a person may do something, with every condition. */
export interface Explanation {
  user: string;
  action: string;
  object: string;
  permission: string;
  is_allowed: boolean;
  steps: readonly Step[];
  at: string;
}

/** A server that starts, runs or stops. */
export interface RunningServer {
  /** Person and name of the server, as in an address. */
  id: string;
  user: string;
  /** Null for an account that the service has not seen. */
  person_id: number | null;
  /** Empty for the default server. */
  name: string;
  display_name: string;
  state: ServerState;
  /** The project that it is charged to; without a pool, the one that its lab works in. */
  project: string | null;
  /** The pool that it holds a place of; empty for none. */
  pool: string;
  /** The profile that was chosen when it was started, if any. */
  profile: string;
  started: string | null;
  last_activity: string | null;
  url: string;
}

/** A part of the product and how it is. */
export interface Part {
  name: string;
  title: string;
  status: Status;
  /** What it says of itself, in a few words. */
  text: string;
  /** How long it took to answer. */
  milliseconds: number | null;
}

/** Work that the service does by itself: how often since it started. */
export interface Work {
  name: string;
  done: number;
  failed: number;
}

/** Every part, and the work in the background. */
export interface Parts {
  parts: readonly Part[];
  work: readonly Work[];
  version: string;
  started: string;
}

/** Something that can be asked of the hub service, as `explain` names it. */
export interface Action {
  name: string;
  method: string;
  path: string;
  permission: string;
  /** Whether the object counts, beside the permission. */
  asks_more: boolean;
}

/** An action on many objects, which goes on when nobody looks, and after a restart of the service. */
export interface Job {
  id: number;
  action: string;
  title: string;
  who: string;
  is_dry_run: boolean;
  state: JobState;
  total: number;
  done: number;
  failed: number;
  created: string;
  started: string | null;
  ended: string | null;
}

/** What became of one object of a job. */
export interface JobItem {
  position: number;
  target: string;
  state: ItemState;
  message: string;
}

/** A text for everybody. */
export interface Announcement {
  id: number;
  text: string;
  level: Level;
  places: readonly Place[];
  starts: string;
  ends: string | null;
  /** Whether it is shown now. */
  is_shown: boolean;
  created_by: string;
}

/** Whether new servers may start. */
export interface Maintenance {
  blocks_spawns: boolean;
  /** Why, for whoever wants to start one. */
  message: string;
  /** Null blocks at once. */
  starts: string | null;
  /** When it ends by itself; null ends it by hand only. */
  ends: string | null;
  /** Whether it is so now. */
  is_active: boolean;
  changed: string | null;
  changed_by: string;
}

/** What is known of the chain: since the service started nobody looked, or what the last verification said. */
export interface ChainState {
  state: 'unknown' | 'running' | 'intact' | 'broken' | 'failed';
  /** Entries that were checked. */
  checked: number;
  /** Entries that there were at the start. */
  total: number;
  problem_count: number;
  /** The first twenty. */
  problems: readonly string[];
  /** Id and hash of the newest entry. */
  anchor: string;
  started: string | null;
  ended: string | null;
}

/** One audit entry: who did what to which object, when, from where, with which outcome. */
export interface Entry {
  id: number;
  when: string;
  who: string;
  /** Who it was, whatever the name is today; null for what Orrery did. */
  person_id: number | null;
  /** The scope that the route needs. */
  permission: string;
  /** The project, if the object belongs to one. */
  project: string;
  /** Capability and verb, such as `snippets.save`; of what was refused, method and route. */
  what: string;
  /** The object's id or name. */
  on: string;
  /** What was, as far as it changed. */
  before: {
    [k: string]: unknown;
  } | null;
  /** What is, as far as it changed. */
  after: {
    [k: string]: unknown;
  } | null;
  outcome: Outcome;
  /** Client address of the request. */
  address: string;
  request_id: string;
  /** What the client calls the request; nobody checks it. */
  client_request_id: string;
  /** SHA-256 over this entry and the hash before it. */
  hash: string;
}

/** Health of the service. `degraded`: it works, and an operator has to read the notices; `read-only`: nothing can be saved. */
export interface Health {
  status: 'ok' | 'degraded' | 'failing';
  database: 'ok' | 'read-only' | 'failing';
  notices: readonly string[];
}

/** What a pool costs, or will cost, in micro-units of money for an hour. */
export interface Rate {
  id: number;
  pool: string;
  device: number;
  cpu: number;
  memory_gib: number;
  currency: string;
  valid_from: string;
  /** When the next rate begins; null for the last. */
  valid_until: string | null;
  /** Whether it is not valid yet. */
  is_removable: boolean;
}

/** The limit of a pool. */
export interface PoolLimit {
  idle_minutes: number;
  extension_minutes: number;
  /** How often a person may put it off without using it. */
  extensions: number;
  /** After how many minutes a server is stopped of which it is not known whether it is used, because its lab does not report or its devices cannot be measured; 0 for never, null for the hub's default. */
  unknown_minutes: number | null;
  pool: string;
}

/** A running server: what it holds, what of it is used, and when it is stopped if it stays idle. */
export interface ServerUse {
  /** The lease. */
  id: number;
  person: string;
  server: string;
  pool: string;
  project: string;
  since: string;
  devices: number;
  cpu_millis: number;
  memory_mib: number;
  state: UseState;
  used_cpu_millis: number | null;
  used_memory_mib: number | null;
  device_permille: number | null;
  device_note: string;
  idle_since: string | null;
  cull_at: string | null;
  is_warned: boolean;
  extensions: number;
}

/** What a person asked for with a profile, what was used of it, and what would do. */
export interface Advice {
  person: string;
  pool: string;
  profile: string;
  servers: number;
  /** Hours that were measured. */
  hours: number;
  cpu_millis: number;
  /** The most in any minute. */
  used_cpu_millis: number;
  mean_cpu_millis: number;
  memory_mib: number;
  /** The most in any minute. */
  used_memory_mib: number;
  devices: number;
  /** Of the device that was used most; null if it was not measured. */
  mean_device_permille: number | null;
  /** A smaller profile that would do; empty for none. */
  smaller_profile: string;
  advice: string;
}

/** A server that did not start, or ended by itself. */
export interface Failure {
  id: number;
  person: string;
  /** Empty for the default server. */
  server: string;
  project: string;
  pool: string;
  profile: string;
  stage: FailureStage;
  cause: WaitCause;
  node: string;
  began: string;
  at: string;
  exit_status: number | null;
  /** Null: nobody has looked after it. */
  handled_at: string | null;
  handled_by: string;
}

/** A failure with all that was seen of it before process or pod was removed. */
export interface FailureRecord {
  id: number;
  person: string;
  /** Empty for the default server. */
  server: string;
  project: string;
  pool: string;
  profile: string;
  stage: FailureStage;
  cause: WaitCause;
  node: string;
  began: string;
  at: string;
  exit_status: number | null;
  /** Null: nobody has looked after it. */
  handled_at: string | null;
  handled_by: string;
  /** What Kubernetes said of the pod. */
  events: readonly string[];
  /** The last lines that the server wrote. */
  log: readonly string[];
}

/** How often a cause occurred. */
export interface CauseCount {
  kind: CauseKind;
  text: string;
  failures: number;
  people: number;
  /** Those that nobody has looked after. */
  open: number;
  last_at: string;
}

/** Somebody whom the hub service knows. */
export interface Person {
  /** Stays, whatever happens to the name. */
  id: number;
  name: string;
  /** When JupyterHub created the account; null while only an invitation is known. */
  created: string | null;
  first_visit: string | null;
  /** When the account was seen to be gone; null for one that is there. */
  ended: string | null;
  /** When off-boarding began; from then on no account of the person is admitted. */
  offboarded: string | null;
  /** When off-boarding was finished; null, and it can be continued. */
  handed_over: string | null;
  /** Whose account it is too, after a merge. */
  merged_into: number | null;
  /** Whether the account administers JupyterHub; null as long as it was not asked. */
  is_admin: boolean | null;
  /** When the account last did something at JupyterHub, minutes ago. */
  last_activity: string | null;
  /** Projects in use, with roles. */
  projects: readonly Membership[];
  /** How many servers run now. */
  servers: number;
}

/** One kind of thing that the person has. */
export interface OffboardingItem {
  what: string;
  count: number;
  /** Left: it is not ended, and the detail says where it is. */
  state: 'planned' | 'done' | 'left' | 'none';
  detail: string;
}

/** What is ended and what is left of a person. */
export interface Offboarding {
  person_id: number;
  name: string;
  /** False: a plan, nothing was changed. */
  is_done: boolean;
  items: readonly OffboardingItem[];
}

/** A taint of nodes that pods of a profile tolerate. */
export interface Toleration {
  key: string;
  operator: 'Equal' | 'Exists';
  value: string;
  effect: '' | 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute';
}

/** What belongs to every server of a pool, on Kubernetes. */
export interface PoolSpec {
  node_selector: {
    [k: string]: string;
  };
  tolerations: readonly Toleration[];
  /** Kueue's LocalQueue; empty: none. */
  queue_name: string;
}

/** An environment variable whose value Kubernetes takes from a Secret. */
export interface SecretVariable {
  variable: string;
  secret: string;
  key: string;
}

/** A volume that is in every server of a profile. */
export interface Mount {
  name: string;
  /** `pvc://claim/folder`, `nfs://server/folder`, or on one machine an absolute folder. */
  source: string;
  path: string;
  is_read_only: boolean;
}

/** A volume that a person may choose for a server. */
export interface Dataset {
  name: string;
  /** `pvc://claim/folder`, `nfs://server/folder`, or on one machine an absolute folder. */
  source: string;
  path: string;
  is_read_only: boolean;
  description: string;
}

/** The resources of a hardware profile, and what is in its servers. */
export interface ProfileSpec {
  /** Cores that are guaranteed and counted. */
  cpu: number;
  cpu_limit: number | null;
  /** Memory that is guaranteed and counted. */
  memory_bytes: number;
  memory_limit_bytes: number | null;
  /** Ephemeral storage. */
  storage_bytes: number | null;
  storage_limit_bytes: number | null;
  node_selector: {
    [k: string]: string;
  };

  /** Required node selector terms of Kubernetes. */
  node_affinity: readonly Readonly<Record<string, unknown>>[];
  tolerations: readonly Toleration[];
  runtime_class: string;
  priority_class: string;
  /** Kueue's WorkloadPriorityClass. */
  queue_priority: string;
  image_pull_policy: '' | 'Always' | 'IfNotPresent' | 'Never';
  environment: {
    [k: string]: string;
  };
  secrets: readonly SecretVariable[];
  mounts: readonly Mount[];
  datasets: readonly Dataset[];
  /** Runs in every server of the profile, before the person's own. */
  startup_script: string;
  /** Empty: every image of the catalogue. */
  images: readonly string[];
  default_image: string;
  start_timeout_seconds: number;
  /** Kueue ends a server after so long. */
  max_seconds: number | null;
  may_set_environment: boolean;
  may_set_startup_script: boolean;
}

/** A pool with the use of it. */
export interface Pool {
  slug: string;
  name: string;
  description: string;
  /** Empty: a pool without devices. */
  device_type: string;
  /** Null for the default pool, which has the rest of its type. */
  devices: number | null;
  /** It has what no other pool of its type has. */
  is_default: boolean;
  /** True: no grant to a project is needed to use it. */
  for_everyone: boolean;
  /** Null: any number. */
  max_servers: number | null;
  /** Null: any number. */
  devices_per_person: number | null;
  spec: PoolSpec;
  /** Order of lists. */
  position: number;
  id: number;
  /** Null: a pool without devices. */
  total_devices: number | null;
  used_devices: number;
  free_devices: number | null;
  servers: number;
  is_draining: boolean;
  drain_reason: string;
  is_declared: boolean;
  created: string;
  updated: string;
}

/** A project that may use a pool. */
export interface Grant {
  /** Devices at once; null: any number. */
  devices: number | null;
  project: string;
  name: string;
  used_devices: number;
  since: string;
}

/** A hardware profile: what a server gets from a pool. */
export interface ProfileIn {
  slug: string;
  pool: string;
  name: string;
  description?: string;
  devices?: number;
  /** Its nodes may be taken away at short notice. */
  is_spot?: boolean;
  /** Nobody can start it. */
  is_hidden?: boolean;
  position?: number;
  spec?: ProfileSpec;
}

/** A hardware profile as administrators see it. */
export interface Profile {
  slug: string;
  pool: string;
  name: string;
  description: string;
  devices: number;
  /** Its nodes may be taken away at short notice. */
  is_spot: boolean;
  /** Nobody can start it. */
  is_hidden: boolean;
  position: number;
  spec: ProfileSpec;
  id: number;
  mig_slice: string;
  is_declared: boolean;
  created: string;
  updated: string;
}

/** An image of the catalogue. */
export interface ImageIn {
  slug: string;
  name: string;
  description?: string;
  /** Registry and repository, without a tag. */
  reference: string;
  /** The tag to use; empty with a digest. */
  tag?: string;
  digest?: string;
  /** Regular expression that a whole tag has to match to be chosen; empty: the image's own only. */
  tag_pattern?: string;
  /** Shown with it, such as `hardened: yes`. */
  labels?: {
    [k: string]: string;
  };

  /** Not offered for a new start. */
  is_hidden?: boolean;
  /** The image that a server gets at its next start in place of this. */
  redirect_to?: string;
  position?: number;
}

/** An image as administrators see it. */
export interface Image {
  slug: string;
  name: string;
  description: string;
  /** Registry and repository, without a tag. */
  reference: string;
  /** The tag to use; empty with a digest. */
  tag: string;
  digest: string;
  /** Regular expression that a whole tag has to match to be chosen; empty: the image's own only. */
  tag_pattern: string;
  /** Shown with it, such as `hardened: yes`. */
  labels: {
    [k: string]: string;
  };

  /** Not offered for a new start. */
  is_hidden: boolean;
  /** The image that a server gets at its next start in place of this. */
  redirect_to: string;
  position: number;
  id: number;
  is_declared: boolean;
  created: string;
  updated: string;
}

/** A profile that a person is not shown, and why. */
export interface WithheldProfile {
  slug: string;
  name: string;
  pool_name: string;
  reason: string;
}

/** What a person sees before a start, and what the person does not see. */
export interface LaunchPreview {
  /** False: no profile is declared, and a server just starts. */
  is_required: boolean;
  profiles: readonly ProfileChoice[];
  images: readonly ImageChoice[];
  /** What was chosen for this server the last time. */
  last: LaunchOptions | null;
  /** What the person waits for, for this server and others. */
  requests: readonly OpenRequest[];
  /** The person's servers that failed in the last day, newest first. */
  failures: readonly LastFailure[];
  person: string;
  /** Why no server at all starts now; empty if they do. */
  closed: string;
  withheld: readonly WithheldProfile[];
}

/** A project as an administrator of the hub sees it: what it is, never what its members wrote into it. */
export interface ManagedProject {
  slug: string;
  name: string;
  members: number;
  /** Owners who can act, five at most. */
  owners: readonly string[];
  created: string;
  updated: string;
  deleted: string | null;
  /** Until when a deleted project can be brought back. */
  purge_after: string | null;
}

/** An invitation that waits for an answer. */
export interface Invitation {
  slug: string;
  /** The project's name. */
  project: string;
  user: string;
  role: ProjectRole;
  invited_by: string;
  created: string;
  expires: string;
}

/** How many there are of something in a project. */
export interface Count {
  /** Such as `members` or `snippets`. */
  what: string;
  count: number;
}

/** What is in a project, in numbers. */
export interface ProjectCounts {
  slug: string;
  counts: readonly Count[];
}

/** A project as one of its members sees it. */
export interface Project {
  category: string | null;
  labels: readonly string[];
  links: readonly ServiceLink[];
  /** Since when it is archived: read only, and out of the way. */
  archived: string | null;
  /** Whether the person who asks pinned it. */
  pinned: boolean;
  slug: string;
  name: string;
  description: string;
  /** What the person who asks is in it. */
  role: ProjectRole;
  members: number;
  /** Where its data lies: a folder or URL. */
  lake: string;
  /** Where its code lies: a Git URL or folder. */
  repository: string;
  created: string;
  updated: string;
  /** When it was deleted; null for a project that is in use. */
  deleted: string | null;
  /** Until when it can come back. */
  purge_after: string | null;
}

/** One project member. */
export interface Member {
  user: string;
  role: ProjectRole;
  since: string;
}

/** A project that a person is in, and as what. */
export interface Membership {
  slug: string;
  role: ProjectRole;
}
