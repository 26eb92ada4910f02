/**
 * Jobs: actions on many objects, which go on when the page is closed.
 */
import React, { useEffect } from 'react';

import type { Page } from '../../src/base/schemas';

import { useAct } from '../act';
import { momentColumn, None, textColumn } from '../columns';
import { useAdmin } from '../context';
import { Badge, Button, Failure, Select } from '../controls';
import { count, Moment } from '../format';
import { Items } from '../items';
import { Facts, ListView, type IList } from '../listview';
import { usePoll } from '../poll';
import type { ItemState, Job, JobItem, JobState } from '../schemas';
import { useStore } from '../store';
import type { IColumn } from '../table/column';

const POLL_MS = 1_000;
const STATES: Record<JobState, string> = {
  queued: 'Waiting',
  running: 'Running',
  done: 'Done',
  cancelled: 'Cancelled'
};
const ITEM_LEVELS: Record<ItemState, 'good' | 'bad' | 'plain'> = {
  pending: 'plain',
  done: 'good',
  failed: 'bad',
  cancelled: 'plain'
};

const COLUMNS: readonly IColumn<Job>[] = [
  textColumn('id', 'Number', job => job.id, { width: '80px' }),
  {
    id: 'title',
    title: 'Action',
    width: 'minmax(160px, 2fr)',
    cell: job => (
      <>
        {job.title} {job.is_dry_run && <Badge>Dry run</Badge>}
      </>
    )
  },
  textColumn('who', 'Started by', job => job.who),
  momentColumn('created', 'Begun', job => job.created),
  textColumn(
    'progress',
    'Progress',
    job =>
      `${(job.done + job.failed).toLocaleString('en')} of ${job.total.toLocaleString('en')}`,
    { width: '130px' }
  ),
  {
    id: 'failed',
    title: 'Failed',
    width: '80px',
    cell: job =>
      job.failed > 0 ? (
        <Badge level="bad">{job.failed.toLocaleString('en')}</Badge>
      ) : (
        <None />
      )
  },
  textColumn('state', 'State', job => STATES[job.state], { width: '110px' })
];

export function JobsView(): JSX.Element {
  const { router } = useAdmin();
  const { params } = useStore(router.route);
  return (
    <ListView<Job>
      title="Jobs"
      noun={['job', 'jobs']}
      path="admin/jobs"
      search=""
      sort=""
      seconds={5}
      openId={params.job}
      onOpen={id => router.narrow({ job: id ?? '' })}
      columns={COLUMNS}
      idOf={job => String(job.id)}
      empty="Nothing was done to many objects lately. Select rows in a list, then choose what to do with them."
      details={(job, list) => <Details key={job.id} id={job.id} list={list} />}
    />
  );
}

function Details(props: { id: number; list: IList<Job> }): JSX.Element {
  const { id, list } = props;
  const { value: job, error, refresh } = usePoll<Job>(`admin/jobs/${id}`, POLL_MS);
  const hasEnded = job?.ended !== null;
  useEffect(() => {
    if (job && hasEnded) {
      list.refresh();
    }
    // Once, when it ends.
  }, [hasEnded, job === undefined]);
  if (error) {
    return <Failure error={error} onRetry={refresh} />;
  }
  if (!job) {
    return <p className="orrery-quiet">Loading…</p>;
  }
  return (
    <>
      <h2>
        {job.title} {job.is_dry_run && <Badge>Dry run</Badge>}
      </h2>
      <progress
        className="orrery-admin-progress"
        aria-label="Progress"
        max={job.total}
        value={job.done + job.failed}
      />
      <Facts
        facts={[
          ['State', STATES[job.state]],
          ['Begun by', job.who],
          ['Begun', <Moment key="created" when={job.created} />],
          ['Ended', <Moment key="ended" when={job.ended} />],
          [job.is_dry_run ? 'Could be done' : 'Done', count(job.done, 'object')],
          [job.is_dry_run ? 'Could not' : 'Failed', count(job.failed, 'object')]
        ]}
      />
      <JobButtons job={job} list={list} onChange={refresh} />
      <Objects id={id} />
    </>
  );
}

function JobButtons(props: {
  job: Job;
  list: IList<Job>;
  onChange: () => void;
}): JSX.Element {
  const { job } = props;
  const { api, router } = useAdmin();
  const act = useAct();
  const tell = (verb: 'apply' | 'retry' | 'cancel') => () =>
    act(async () => {
      const path = `admin/jobs/${job.id}/${verb}`;
      const next = await api.call<Job>(path, { method: 'POST' });
      props.list.refresh();
      props.onChange();
      router.narrow({ job: String(next.id), items: '' });
    });
  return (
    <div className="orrery-admin-actions">
      {!job.ended && <Button onClick={tell('cancel')}>Cancel</Button>}
      {job.ended && job.is_dry_run && (
        <Button look="accent" onClick={tell('apply')}>
          {`Apply to ${count(job.total, 'object')}`}
        </Button>
      )}
      {job.ended && !job.is_dry_run && job.failed > 0 && (
        <Button onClick={tell('retry')}>Try the Failed Again</Button>
      )}
    </div>
  );
}

function Objects({ id }: { id: number }): JSX.Element {
  const { router } = useAdmin();
  const { params } = useStore(router.route);
  const state = params.items ?? '';
  const query = `limit=200${state && `&state=${state}`}`;
  const items = usePoll<Page<JobItem>>(`admin/jobs/${id}/items?${query}`, POLL_MS * 2);
  return (
    <>
      <h3>Objects</h3>
      <Select
        label="Show"
        value={state}
        options={[
          ['', 'All'],
          ['failed', 'Failed'],
          ['done', 'Done'],
          ['pending', 'Pending'],
          ['cancelled', 'Cancelled']
        ]}
        onChange={value => router.narrow({ items: value })}
      />
      <Items page={items} keyOf={item => item.position}>
        {item => (
          <>
            <Badge level={ITEM_LEVELS[item.state]}>{item.state}</Badge> {item.target}
            {item.message && <span className="orrery-quiet"> {item.message}</span>}
          </>
        )}
      </Items>
    </>
  );
}
