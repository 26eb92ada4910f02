/**
 * The page of a project: what it is, who is in it, where it lies, and how it ends.
 */
import type { ReadonlyJSONObject } from '@lumino/coreutils';
import React from 'react';

import { executeOwn } from '../../base/registry';
import { Button } from '../../base/controls';
import { FreshWidget } from '../../base/freshwidget';
import { useSignal } from '../../base/hooks';
import { projectIcon } from '../../base/icons';
import { sentence } from '../../base/notify';
import { EmptyState } from '../../base/panel/emptystate';
import { CommandIDs } from '../commands';
import { Skeleton } from '../components';
import { About } from './about';
import { DangerZone, DeletedProjects } from './danger';
import { Invitation } from './invitation';
import { Members } from './members';
import type { IPageProps } from './props';
import { StoragePlaces } from './storage';

/** The content of the tab. */
export class ProjectPage extends FreshWidget {
  constructor(private readonly _props: IPageProps) {
    super(_props.model);
    this.addClass('orrery-page');
  }

  protected override render(): JSX.Element {
    return <Page {...this._props} />;
  }
}

function Page(props: IPageProps): JSX.Element {
  const { model, trans } = props;
  useSignal(model.changed);
  if (model.isGone) {
    return (
      <div className="orrery-page-body">
        <MissingProject {...props} />
        <DeletedProjects {...props} />
      </div>
    );
  }
  return (
    <div className="orrery-page-body" aria-busy={model.state === 'loading'}>
      {model.state === 'failed' && <Problem {...props} />}
      {model.project ? (
        <>
          <About {...props} project={model.project} />
          <Members {...props}>
            <Invitation {...props} />
          </Members>
          <StoragePlaces {...props} />
          <DangerZone {...props} project={model.project} />
          <DeletedProjects {...props} />
        </>
      ) : (
        model.state !== 'failed' && <Skeleton trans={trans} />
      )}
    </div>
  );
}

/** Why the page may be old, and a way to ask again. */
function Problem({ model, trans }: IPageProps): JSX.Element {
  return (
    <div className="orrery-page-problem" role="alert">
      <span>{sentence(model.error, trans)}</span>
      <Button onClick={() => void model.projects.refresh().then(() => model.refresh())}>
        {trans.__('Try Again')}
      </Button>
    </div>
  );
}

/** The project was deleted, left, or never there. */
function MissingProject({ commands, model, trans }: IPageProps): JSX.Element {
  const { slug } = model;
  const deleted = model.deleted.find(project => project.slug === slug);
  const run = (id: string, args?: ReadonlyJSONObject) => () =>
    void executeOwn(commands, id, args);
  return deleted ? (
    <EmptyState
      icon={projectIcon}
      title={trans.__('"%1" was deleted', deleted.name)}
      text={trans.__(
        'Nobody sees it any more. You can bring it back, with its members.'
      )}
      steps={[
        { label: trans.__('Bring Back'), run: run(CommandIDs.undelete, { slug }) },
        { label: trans.__('Remove for Good…'), run: run(CommandIDs.purge, { slug }) }
      ]}
    />
  ) : (
    <EmptyState
      icon={projectIcon}
      title={trans.__('You are not in the project "%1"', model.project?.name ?? slug)}
      text={trans.__(
        'It was deleted, an owner removed you, or it never was there. An owner can invite you.'
      )}
      steps={[{ label: trans.__('Switch Project…'), run: run(CommandIDs.switch) }]}
    />
  );
}
