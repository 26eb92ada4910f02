/**
 * The views of the page, in the order of its list.
 */
import type { IView } from './shell';
import { AnnouncementsView } from './views/announcements';
import { ApprovalsView } from './views/approvals';
import { AuditView } from './views/audit';
import { BudgetsView } from './views/budgets';
import { CostsView } from './views/costs';
import { HealthView } from './views/health';
import { JobsView } from './views/jobs';
import { OwnProjectsView } from './views/ownprojects';
import { PeopleView } from './views/people';
import { PoolsView } from './views/pools';
import { ProjectsView } from './views/projects';
import { QueueView } from './views/queue';
import { RatesView } from './views/rates';
import { ServersView } from './views/servers';

const ADMIN_VIEWS: readonly IView[] = [
  { name: 'people', title: 'People', component: PeopleView },
  { name: 'projects', title: 'Projects', component: ProjectsView },
  { name: 'servers', title: 'Servers', component: ServersView },
  { name: 'pools', title: 'Pools', component: PoolsView },
  { name: 'queue', title: 'Queue', component: QueueView },
  { name: 'budgets', title: 'Budgets', component: BudgetsView },
  { name: 'approvals', title: 'Approvals', component: ApprovalsView },
  { name: 'costs', title: 'Costs', component: CostsView },
  { name: 'rates', title: 'Rates', component: RatesView },
  { name: 'jobs', title: 'Jobs', component: JobsView },
  { name: 'announcements', title: 'Announcements', component: AnnouncementsView },
  { name: 'audit', title: 'Audit', component: AuditView },
  { name: 'health', title: 'Health', component: HealthView }
];

const OWNER_VIEWS: readonly IView[] = [
  { name: 'projects', title: 'Your projects', component: OwnProjectsView },
  { name: 'budgets', title: 'Budgets', component: BudgetsView },
  { name: 'approvals', title: 'Requests', component: ApprovalsView },
  { name: 'costs', title: 'Costs', component: CostsView }
];

/** What a person may see. */
export function viewsOf(isAdmin: boolean): readonly IView[] {
  return isAdmin ? ADMIN_VIEWS : OWNER_VIEWS;
}
