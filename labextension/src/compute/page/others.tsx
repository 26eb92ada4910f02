/**
 * The person's other servers: open one, stop one, see why one failed.
 */
import { PageConfig, Time } from '@jupyterlab/coreutils';
import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { executeOwn } from '../../base/registry';
import { Button } from '../../base/controls';
import { RelativeTime } from '../../base/relativetime';
import { CommandIDs } from '../commands';
import type { LastFailure, OwnServer } from '../schemas';
import { failedServers, serverName } from '../texts';
import type { IPageProps } from './props';

/** The other servers; nothing where there is none. */
export function OtherServers(props: IPageProps): JSX.Element | null {
  const { compute, trans } = props;
  const failed = failedServers(compute);
  if (compute.others.length + failed.length === 0) {
    return null;
  }
  return (
    <section aria-labelledby="orrery-compute-others">
      <h2 id="orrery-compute-others">{trans.__('Other servers')}</h2>
      <ul className="orrery-page-list">
        {compute.others.map(server => (
          <ServerRow key={server.name} {...props} server={server} />
        ))}
        {failed.map(failure => (
          <FailedRow key={failure.server} failure={failure} trans={trans} />
        ))}
      </ul>
    </section>
  );
}

function ServerRow(props: IPageProps & { server: OwnServer }): JSX.Element {
  const { commands, server, trans } = props;
  const { display_name: display, last_activity: active, name, state, url } = server;
  const label = display || serverName(name, trans);
  return (
    <li className="orrery-page-row">
      <span className="orrery-page-badge">{stateText(state, trans)}</span>
      <span className="orrery-page-label" title={label}>
        {label}
      </span>
      {active && (
        <span className="orrery-quiet" title={Time.format(active)}>
          {trans.__('active %1', Time.formatHuman(active))}
        </span>
      )}
      {state === 'ready' && (
        <a
          className="orrery-link"
          href={`${PageConfig.getOption('hubHost')}${url}`}
          rel="noopener"
          target="_blank"
        >
          {trans.__('Open')}
          <span className="orrery-hidden"> {label}</span>
        </a>
      )}
      <Button
        disabled={state === 'stopping'}
        look="warn"
        onClick={() => void executeOwn(commands, CommandIDs.stop, { server: name })}
      >
        {trans.__('Stop…')}
        <span className="orrery-hidden"> {label}</span>
      </Button>
    </li>
  );
}

function FailedRow(props: {
  failure: LastFailure;
  trans: TranslationBundle;
}): JSX.Element {
  const { failure, trans } = props;
  return (
    <li className="orrery-page-row">
      <span className="orrery-page-badge" data-state="failed">
        {trans.__('Failed')}
      </span>
      <div className="orrery-page-label orrery-mod-wrap">
        <div>{serverName(failure.server, trans)}</div>
        <div>
          {failure.reason} {failure.remedy}
        </div>
        <div className="orrery-meta">
          <span>
            {failure.is_start ? trans.__('did not start') : trans.__('ended by itself')}{' '}
            <RelativeTime when={failure.at} />
          </span>
        </div>
      </div>
    </li>
  );
}

function stateText(state: OwnServer['state'], trans: TranslationBundle): string {
  const texts: Record<OwnServer['state'], string> = {
    starting: trans.__('Starting'),
    ready: trans.__('Running'),
    stopping: trans.__('Stopping')
  };
  return texts[state];
}
