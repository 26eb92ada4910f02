/**
 * How a project ends, for the person or for everybody, and how it comes back.
 */
import { Time } from '@jupyterlab/coreutils';
import React from 'react';

import { executeOwn } from '../../base/registry';
import { Button } from '../../base/controls';
import { notifyError } from '../../base/notify';
import { CommandIDs } from '../commands';
import { When } from '../components';
import type { Project } from '../schemas';
import type { IPageProps } from './props';

/** Leave, archive and delete. */
export function DangerZone(props: IPageProps & { project: Project }): JSX.Element {
  const { commands, model, project, trans } = props;
  const run = (id: string) => () =>
    void executeOwn(commands, id, { slug: project.slug });
  const rights = model.rights(trans);
  return (
    <section aria-labelledby="orrery-page-danger" className="orrery-page-danger">
      <h2 id="orrery-page-danger">{trans.__('Danger zone')}</h2>
      <DangerRow
        label={trans.__('Leave Project…')}
        onClick={run(CommandIDs.leave)}
        reason={rights.leave}
        text={trans.__('You lose access to it until an owner invites you again.')}
      />
      <DangerRow
        label={
          project.archived ? trans.__('Restore Project') : trans.__('Archive Project')
        }
        onClick={() => {
          const change = model.shelve({ archived: !project.archived });
          change.catch((error: unknown) => notifyError(error, trans));
        }}
        reason={rights.change}
        text={
          project.archived
            ? trans.__('Its members can work in it again.')
            : trans.__('Its members still read it, and nobody works in it.')
        }
      />
      <DangerRow
        label={trans.__('Delete Project…')}
        onClick={run(CommandIDs.delete)}
        reason={rights.delete}
        text={trans.__(
          'Every member loses access. Its folders stay, and an owner can bring it back for a while.'
        )}
      />
    </section>
  );
}

interface IDangerProps {
  label: string;
  onClick: () => void;
  /** Why it cannot be done; empty when it can. */
  reason: string;
  text: string;
}

function DangerRow({ label, onClick, reason, text }: IDangerProps): JSX.Element {
  const id = React.useId();
  return (
    <div className="orrery-page-row">
      <span className="orrery-page-label orrery-mod-wrap" id={id}>
        {reason || text}
      </span>
      <Button
        aria-describedby={id}
        look="warn"
        disabled={reason !== ''}
        onClick={onClick}
      >
        {label}
      </Button>
    </div>
  );
}

/** The deleted projects that the person owned; nothing when there is none. */
export function DeletedProjects(props: IPageProps): JSX.Element | null {
  const { commands, model, trans } = props;
  // The page of a deleted project offers that one by itself.
  const others = model.isGone
    ? model.deleted.filter(({ slug }) => slug !== model.slug)
    : model.deleted;
  if (others.length === 0) {
    return null;
  }
  return (
    <section aria-labelledby="orrery-page-deleted">
      <h2 id="orrery-page-deleted">{trans.__('Deleted projects')}</h2>
      <ul className="orrery-page-list">
        {others.map(({ deleted, name, purge_after: end, slug }) => (
          <li className="orrery-page-row" key={slug}>
            <span className="orrery-page-label" title={slug}>
              {name}
            </span>
            <span
              className="orrery-quiet"
              title={
                end ? trans.__('Can be brought back until %1', Time.format(end)) : ''
              }
            >
              {deleted && <When prefix={trans.__('deleted')} when={deleted} />}
            </span>
            <Button
              aria-label={trans.__('Bring Back %1', name)}
              onClick={() => void executeOwn(commands, CommandIDs.undelete, { slug })}
            >
              {trans.__('Bring Back')}
            </Button>
            <Button
              aria-label={trans.__('Remove %1 for Good…', name)}
              look="warn"
              onClick={() => void executeOwn(commands, CommandIDs.purge, { slug })}
            >
              {trans.__('Remove for Good…')}
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}
