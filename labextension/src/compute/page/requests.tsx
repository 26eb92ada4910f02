/**
 * The person's requests for devices: place, expected wait, cause, claim and cancel.
 */
import React from 'react';

import { executeOwn } from '../../base/registry';
import { Button } from '../../base/controls';
import { RelativeTime } from '../../base/relativetime';
import { CommandIDs } from '../commands';
import type { Ticket } from '../schemas';
import { serverName, stateName, ticketStanding, ticketTitle } from '../texts';
import type { IPageProps } from './props';

/** The open requests. */
export function Requests(props: IPageProps): JSX.Element | null {
  const { compute, trans } = props;
  if (compute.choices?.is_required !== true && compute.tickets.length === 0) {
    return null;
  }
  return (
    <section aria-labelledby="orrery-compute-requests">
      <h2 id="orrery-compute-requests">{trans.__('Queue')}</h2>
      {compute.tickets.length > 0 ? (
        <ul className="orrery-page-list">
          {compute.tickets.map(ticket => (
            <RequestRow key={ticket.id} {...props} ticket={ticket} />
          ))}
        </ul>
      ) : (
        <p className="orrery-quiet">
          {trans.__(
            'Nothing is waiting. Move or resize this server to request what is not free.'
          )}
        </p>
      )}
    </section>
  );
}

function RequestRow(props: IPageProps & { ticket: Ticket }): JSX.Element {
  const { commands, ticket, trans } = props;
  const { auto_claim: isAutomatic, cause, created, id, server_name, state } = ticket;
  const title = ticketTitle(ticket, trans);
  const standing = ticketStanding(ticket, trans);
  const run = (command: string) => () =>
    void executeOwn(commands, command, { ticket: id });
  return (
    <li className="orrery-page-row orrery-compute-request">
      <span className="orrery-page-badge" data-state={badgeOf(state)}>
        {stateName(state, trans)}
      </span>
      <div className="orrery-page-label orrery-mod-wrap">
        <div>
          {title}
          {standing && ' · '}
          {standing && <strong>{standing}</strong>}
        </div>
        {cause && (
          <div>
            {cause.text} {cause.remedy}
          </div>
        )}
        <div className="orrery-meta">
          <span>{trans.__('for %1', serverName(server_name, trans))}</span>
          <span>{trans.__('profile %1', ticket.profile)}</span>
          {isAutomatic && <span>{trans.__('starts without asking')}</span>}
          <span>
            {trans.__('requested')} <RelativeTime when={created} />
          </span>
        </div>
      </div>
      {state === 'offered' && (
        <Button look="accept" onClick={run(CommandIDs.claim)}>
          {trans.__('Claim')}
          <span className="orrery-hidden"> {title}</span>
        </Button>
      )}
      <Button onClick={run(CommandIDs.cancel)}>
        {trans.__('Cancel Request')}
        <span className="orrery-hidden"> {title}</span>
      </Button>
    </li>
  );
}

function badgeOf(state: Ticket['state']): string | undefined {
  return state === 'offered' || state === 'claimed' ? 'running' : undefined;
}
