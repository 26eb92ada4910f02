/**
 * What the hub tells the person: announcements, maintenance, and what happened to requests, budgets and idle servers.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { executeOwn } from '../../base/registry';
import { Button } from '../../base/controls';
import { notifyError } from '../../base/notify';
import { RelativeTime } from '../../base/relativetime';
import { noticeCommand } from '../noticecommand';
import type { Notice, NoticeLevel } from '../schemas';
import { asSentence, deadlineText } from '../texts';
import type { IPageProps } from './props';

/** What is told now; an offer is among the requests, with the button that claims it. */
export function Notices(props: IPageProps): JSX.Element | null {
  const { compute, trans } = props;
  const notices = compute.notices.filter(({ action }) => action !== 'claim');
  if (notices.length === 0) {
    return null;
  }
  return (
    <section aria-labelledby="orrery-compute-notices">
      <h2 id="orrery-compute-notices">{trans.__('From the hub')}</h2>
      <ul className="orrery-page-list">
        {notices.map(notice => (
          <NoticeRow key={notice.id} {...props} notice={notice} />
        ))}
      </ul>
    </section>
  );
}

function NoticeRow(props: IPageProps & { notice: Notice }): JSX.Element {
  const { commands, compute, notice, trans } = props;
  const { created, deadline, id, level, message, reason, remedy } = notice;
  const command = noticeCommand(notice, compute, trans);
  const dismiss = (): void => {
    compute.dismiss(id).catch((error: unknown) => notifyError(error, trans));
  };
  return (
    <li className="orrery-page-row orrery-compute-request">
      <span
        className="orrery-page-badge"
        data-state={level === 'error' ? 'failed' : undefined}
      >
        {levelName(level, trans)}
      </span>
      <div className="orrery-page-label orrery-mod-wrap">
        <div className="orrery-compute-notice">{asSentence(message)}</div>
        {(reason || remedy) && (
          <div>{[reason, remedy].filter(Boolean).map(asSentence).join(' ')}</div>
        )}
        <div className="orrery-meta">
          {deadline && <strong>{deadlineText(notice, deadline, trans)}</strong>}
          <span>
            {trans.__('told')} <RelativeTime when={created} />
          </span>
        </div>
      </div>
      {command && (
        <Button
          look="accept"
          onClick={() => void executeOwn(commands, command.command, command.args)}
        >
          {command.label}
        </Button>
      )}
      <Button onClick={dismiss}>
        {trans.__('Dismiss')}
        <span className="orrery-hidden"> {message}</span>
      </Button>
    </li>
  );
}

function levelName(level: NoticeLevel, trans: TranslationBundle): string {
  const names: Record<NoticeLevel, string> = {
    info: trans.__('Note'),
    warning: trans.__('Warning'),
    error: trans.__('Error')
  };
  return names[level];
}
