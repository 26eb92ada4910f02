/**
 * My Server: what this lab runs on, what the person waits for, what is left, and the other servers.
 */
import React from 'react';

import { Button } from '../../base/controls';
import { FreshWidget } from '../../base/freshwidget';
import { useSignal } from '../../base/hooks';
import { sentence } from '../../base/notify';
import { EmptyState } from '../../base/panel/emptystate';
import { useMinutes } from '../../base/relativetime';
import { computeIcon } from '../icons';
import { Budgets } from './budgets';
import { Notices } from './notices';
import { OtherServers } from './others';
import type { IPageProps } from './props';
import { Requests } from './requests';
import { ThisServer } from './server';

/** The content of the tab. */
export class ServerPage extends FreshWidget {
  constructor(private readonly _props: IPageProps) {
    super(_props.compute);
    this.addClass('orrery-page');
  }

  protected override render(): JSX.Element {
    return <Page {...this._props} />;
  }
}

function Page(props: IPageProps): JSX.Element {
  const { compute, trans } = props;
  useSignal(compute.changed);
  useMinutes();
  if (!compute.isAtHub) {
    return (
      <div className="orrery-page-body">
        <EmptyState
          icon={computeIcon}
          title={trans.__('This lab runs without a hub')}
          text={trans.__(
            'It has all that this machine has, and nobody else starts or stops it. At a hub, this tab shows the pool of your server, your place in the queue and your budget.'
          )}
        />
      </div>
    );
  }
  return (
    <div className="orrery-page-body" aria-busy={compute.state === 'loading'}>
      {compute.state === 'failed' && <Problem {...props} />}
      <ThisServer {...props} />
      <Notices {...props} />
      <Requests {...props} />
      <Budgets {...props} />
      <OtherServers {...props} />
    </div>
  );
}

/** Why the tab may be old, and a way to ask again. */
function Problem({ compute, trans }: IPageProps): JSX.Element {
  return (
    <div className="orrery-page-problem" role="alert">
      <span>{sentence(compute.error, trans)}</span>
      <Button onClick={() => void compute.refresh()}>{trans.__('Try Again')}</Button>
    </div>
  );
}
