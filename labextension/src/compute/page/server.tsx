/**
 * The server that this lab runs on: where, with what, since when, and what can be done with it.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { executeOwn } from '../../base/registry';
import { Button } from '../../base/controls';
import { RelativeTime } from '../../base/relativetime';
import { CommandIDs } from '../commands';
import { computeIcon } from '../icons';
import { clockTime, lastEnd, minutesToCull, resourceFacts, serverName } from '../texts';
import type { ICompute } from '../tokens';
import type { IPageProps } from './props';

const MIB_PER_GIB = 1024;

/** This server. */
export function ThisServer(props: IPageProps): JSX.Element {
  const { commands, compute, trans } = props;
  const { choices, current, lease } = compute;
  const run = (id: string) => () => void executeOwn(commands, id);
  const profile = choices?.profiles.find(({ slug }) => slug === lease?.profile);
  const pool = profile?.pool_name ?? lease?.pool;
  const started = lease?.started_at ?? current?.started;
  return (
    <section aria-labelledby="orrery-compute-server">
      <div className="orrery-page-header">
        <computeIcon.react tag="span" className="orrery-page-icon" />
        <div className="orrery-page-summary">
          <h1 id="orrery-compute-server">
            {current ? serverName(current.name, trans) : trans.__('This server')}
          </h1>
          <div className="orrery-meta">
            {pool && <span>{trans.__('Pool %1', pool)}</span>}
            {lease?.profile && (
              <span>{trans.__('Profile %1', profile?.name ?? lease.profile)}</span>
            )}
            {lease?.project && <span>{trans.__('Project %1', lease.project)}</span>}
            {started && (
              <span>
                {trans.__('started')} <RelativeTime when={started} />
              </span>
            )}
          </div>
        </div>
        <div className="orrery-page-actions">
          {choices?.is_required && (
            <Button look="accept" onClick={run(CommandIDs.move)}>
              {trans.__('Move or Resize…')}
            </Button>
          )}
          <Button look="warn" onClick={run(CommandIDs.stop)}>
            {trans.__('Stop…')}
          </Button>
        </div>
      </div>
      <Facts compute={compute} trans={trans} />
      <IdleLimit {...props} />
      <LastEnd {...props} />
    </section>
  );
}

/** What the server has and what it uses of that. */
function Facts(props: { compute: ICompute; trans: TranslationBundle }): JSX.Element {
  const { compute, trans } = props;
  const { choices, lease, use } = compute;
  const has = lease ? resourceFacts(lease, trans) : [];
  const uses = [];
  if (use) {
    const {
      cpu_millis: cpu,
      device_permille: device,
      memory_mib: memory
    } = use.activity;
    if (device !== null) {
      uses.push(trans.__('devices %1 %', Math.round(device / 10)));
    }
    uses.push(trans.__('%1 CPUs', (cpu / 1000).toFixed(1)));
    uses.push(trans.__('%1 GiB memory', (memory / MIB_PER_GIB).toFixed(1)));
  }
  if (has.length === 0 && uses.length === 0) {
    return (
      <p className="orrery-quiet">
        {choices && !choices.is_required
          ? trans.__('This hub declares no profiles: servers start as they are.')
          : trans.__('It holds nothing of a pool.')}
      </p>
    );
  }
  return (
    <dl className="orrery-compute-facts">
      {has.length > 0 && (
        <>
          <dt>{trans.__('Has')}</dt>
          <dd>{has.join(' · ')}</dd>
        </>
      )}
      {uses.length > 0 && (
        <>
          <dt>{trans.__('Uses')}</dt>
          <dd>{uses.join(' · ')}</dd>
        </>
      )}
    </dl>
  );
}

/** Why the server ended by itself before this start; nothing if it did not. */
function LastEnd({ compute, trans }: IPageProps): JSX.Element | null {
  const end = lastEnd(compute);
  return end ? (
    <div className="orrery-page-row">
      <span className="orrery-page-badge" data-state="failed">
        {trans.__('Ended')}
      </span>
      <span className="orrery-page-label orrery-mod-wrap">
        {trans.__('It ended by itself')} <RelativeTime when={end.at} />: {end.reason}{' '}
        {end.remedy}
      </span>
    </div>
  ) : null;
}

/** When the server is stopped if it stays idle; nothing where nobody stops it. */
function IdleLimit({ commands, compute, trans }: IPageProps): JSX.Element | null {
  const minutes = minutesToCull(compute.use);
  const culling = compute.use?.culling;
  if (minutes === null || !culling?.cull_at) {
    return null;
  }
  const { cull_at: when, extensions_left: left } = culling;
  return (
    <div className="orrery-page-row">
      <span className="orrery-page-label orrery-mod-wrap" title={clockTime(when)}>
        {trans.__('It is idle, and is stopped in %1 min if it stays so.', minutes)}
      </span>
      {left > 0 && (
        <Button onClick={() => void executeOwn(commands, CommandIDs.extend)}>
          {trans._n('Extend (%1 time left)', 'Extend (%1 times left)', left)}
        </Button>
      )}
    </div>
  );
}
