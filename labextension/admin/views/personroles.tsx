/**
 * The roles of a person at the hub: from where each is, and giving or taking one.
 */
import React from 'react';

import type { Page } from '../../src/base/schemas';

import { useAct } from '../act';
import { useAdmin } from '../context';
import { Badge, Button, Failure } from '../controls';
import { usePoll } from '../poll';
import type { Person, PersonRoles, RoleGrant, RoleInfo, RoleTable } from '../schemas';

const SOURCES: Record<RoleGrant['source'], string> = {
  administrator: 'administers the hub',
  assigned: 'given by an administrator',
  claim: 'by the log-in provider',
  default: 'as everybody'
};

export function HubRoles({ person }: { person: Person }): JSX.Element {
  const { api } = useAdmin();
  const act = useAct();
  const query = new URLSearchParams({ q: person.name, limit: '200' }).toString();
  const page = usePoll<Page<PersonRoles>>(`access/people?${query}`);
  const table = usePoll<RoleTable>('access/roles');
  const error = page.error ?? table.error;
  const grants =
    page.value?.items.find(({ person_id: id }) => id === person.id)?.roles ?? [];
  const titleOf = (name: string) =>
    table.value?.roles.find(role => role.name === name)?.title ?? name;
  const change = (method: 'PUT' | 'DELETE', role: string) => async () => {
    await api.call(`access/people/${person.id}/roles/${role}`, { method });
    page.refresh();
    return `${person.name} is ${method === 'PUT' ? '' : 'no longer '}${titleOf(role)}.`;
  };
  const others = (table.value?.roles ?? []).filter(
    role =>
      !role.is_fixed &&
      !grants.some(grant => grant.role === role.name && grant.source === 'assigned')
  );
  return (
    <>
      <h3>Roles at the hub</h3>
      {error && <Failure error={error} onRetry={page.refresh} />}
      <ul className="orrery-admin-list" aria-busy={!page.value}>
        {person.is_admin && (
          <li>
            <Badge>{titleOf('admin')}</Badge>{' '}
            <span className="orrery-quiet">{SOURCES.administrator}</span>
          </li>
        )}
        {grants.map(grant => (
          <li key={`${grant.role} ${grant.source}`} className="orrery-admin-line">
            <span>
              <Badge>{titleOf(grant.role)}</Badge>{' '}
              <span className="orrery-quiet">
                {SOURCES[grant.source]}
                {grant.claim && ` (${grant.claim})`}
              </span>
            </span>
            {grant.source === 'assigned' && (
              <Button
                look="stealth"
                label={`Take the role ${titleOf(grant.role)} away`}
                onClick={() => act(change('DELETE', grant.role))}
              >
                Remove
              </Button>
            )}
          </li>
        ))}
      </ul>
      {person.merged_into === null && (
        <RoleChoice roles={others} onChoose={role => act(change('PUT', role))} />
      )}
    </>
  );
}

function RoleChoice(props: {
  roles: readonly RoleInfo[];
  onChoose: (role: string) => void;
}): JSX.Element {
  return (
    <select
      className="orrery-admin-input"
      aria-label="Give a role"
      value=""
      onChange={event => props.onChoose(event.currentTarget.value)}
    >
      <option value="" disabled>
        Give a role…
      </option>
      {props.roles.map(role => (
        <option key={role.name} value={role.name}>
          {role.title}
        </option>
      ))}
    </select>
  );
}
