/**
 * The views of the page, in the order of its list.
 */
import type { IViewGroup } from './shell';
import { AnnouncementsView } from './views/announcements';
import { ApprovalsView } from './views/approvals';
import { AuditView } from './views/audit';
import { BudgetsView } from './views/budgets';
import { CostsView } from './views/costs';
import { ExplainView } from './views/explain';
import { FailuresView } from './views/failures';
import { HealthView } from './views/health';
import { ImagesView } from './views/images';
import { JobsView } from './views/jobs';
import { OwnProjectsView } from './views/own';
import { PeopleView } from './views/people';
import { PoolsView } from './views/pools';
import { ProfilesView } from './views/profiles';
import { ProjectsView } from './views/projects';
import { QueueView } from './views/queue';
import { RatesView } from './views/rates';
import { RolesView } from './views/roles';
import { ServersView } from './views/servers';
import { AdviceView } from './views/use/advice';
import { LimitsView } from './views/use/limits';
import { UseView } from './views/use/servers';

const ADMIN_GROUPS: readonly IViewGroup[] = [
  {
    title: 'Access',
    views: [
      { name: 'people', title: 'People', component: PeopleView },
      { name: 'projects', title: 'Projects', component: ProjectsView },
      { name: 'roles', title: 'Roles', component: RolesView },
      { name: 'explain', title: 'Explain', component: ExplainView }
    ]
  },
  {
    title: 'Computing',
    views: [
      { name: 'servers', title: 'Servers', component: ServersView },
      { name: 'failures', title: 'Failures', component: FailuresView },
      { name: 'use', title: 'Use', component: UseView },
      { name: 'advice', title: 'Advice', component: AdviceView },
      { name: 'pools', title: 'Pools', component: PoolsView },
      { name: 'profiles', title: 'Profiles', component: ProfilesView },
      { name: 'images', title: 'Images', component: ImagesView },
      { name: 'limits', title: 'Idle limits', component: LimitsView },
      { name: 'queue', title: 'Queue', component: QueueView }
    ]
  },
  {
    title: 'Spending',
    views: [
      { name: 'budgets', title: 'Budgets', component: BudgetsView },
      { name: 'approvals', title: 'Approvals', component: ApprovalsView },
      { name: 'costs', title: 'Costs', component: CostsView },
      { name: 'rates', title: 'Rates', component: RatesView }
    ]
  },
  {
    title: 'Operation',
    views: [
      { name: 'jobs', title: 'Jobs', component: JobsView },
      { name: 'announcements', title: 'Announcements', component: AnnouncementsView },
      { name: 'audit', title: 'Audit', component: AuditView },
      { name: 'health', title: 'Health', component: HealthView }
    ]
  }
];

const OWNER_GROUPS: readonly IViewGroup[] = [
  {
    title: '',
    views: [
      { name: 'projects', title: 'Your projects', component: OwnProjectsView },
      { name: 'budgets', title: 'Budgets', component: BudgetsView },
      { name: 'approvals', title: 'Approvals', component: ApprovalsView },
      { name: 'costs', title: 'Costs', component: CostsView }
    ]
  }
];

/** What a person may see. */
export function groupsOf(isAdmin: boolean): readonly IViewGroup[] {
  return isAdmin ? ADMIN_GROUPS : OWNER_GROUPS;
}
