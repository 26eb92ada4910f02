/**
 * What groups and app roles of the log-in provider give: a role at the hub, or one in a project.
 */
import React, { useState } from 'react';

import type { Page } from '../../../src/base/schemas';

import { useAct } from '../../act';
import { useAdmin } from '../../context';
import { Button, Failure, Select, TextField } from '../../controls';
import { Dialog } from '../../dialog';
import { count } from '../../format';
import { usePoll } from '../../poll';
import type { ClaimMapping, ClaimMappingIn, RoleInfo } from '../../schemas';

export function Mappings(props: { readonly roles: readonly RoleInfo[] }): JSX.Element {
  const page = usePoll<Page<ClaimMapping>>('access/mappings?limit=200');
  const [isAdding, setAdding] = useState(false);
  return (
    <>
      <h2>Groups of the log-in provider</h2>
      {page.error && <Failure error={page.error} onRetry={page.refresh} />}
      {page.value?.total === 0 ? (
        <p className="orrery-admin-prose">
          No group and no app role of the log-in provider gives anything. With a
          mapping, whoever is in the group has the role after the next log-in.
        </p>
      ) : (
        <MappingTable
          mappings={page.value?.items ?? []}
          roles={props.roles}
          onChange={page.refresh}
        />
      )}
      <div className="orrery-admin-actions">
        <Button onClick={() => setAdding(true)}>Add Mapping…</Button>
      </div>
      {isAdding && (
        <MappingDialog
          roles={props.roles}
          onDone={page.refresh}
          onClose={() => setAdding(false)}
        />
      )}
    </>
  );
}

function MappingTable(props: {
  readonly mappings: readonly ClaimMapping[];
  readonly roles: readonly RoleInfo[];
  readonly onChange: () => void;
}): JSX.Element {
  const { api } = useAdmin();
  const act = useAct();
  const remove = (mapping: ClaimMapping) => async () => {
    await api.call(`access/mappings/${mapping.id}`, { method: 'DELETE' });
    props.onChange();
    return `${mapping.value} gives nothing any more.`;
  };
  const titleOf = (name: string) =>
    props.roles.find(role => role.name === name)?.title ?? name;
  return (
    <table className="orrery-admin-plain">
      <thead>
        <tr>
          <th scope="col">Whoever is in</th>
          <th scope="col">Is</th>
          <th scope="col">Where</th>
          <th scope="col">Members</th>
          <td />
        </tr>
      </thead>
      <tbody>
        {props.mappings.map(mapping => (
          <tr key={mapping.id}>
            <th scope="row">
              <span className="orrery-quiet">
                {mapping.kind === 'group' ? 'Group' : 'App role'}
              </span>{' '}
              {mapping.value}
            </th>
            <td>{titleOf(mapping.role)}</td>
            <td>{mapping.project ? <code>{mapping.project}</code> : 'At the hub'}</td>
            <td>{count(mapping.people, 'person', 'people')}</td>
            <td>
              <Button
                look="stealth"
                label={`Remove the mapping of ${mapping.value}`}
                onClick={() => act(remove(mapping))}
              >
                Remove
              </Button>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const KINDS = [
  ['group', 'Group'],
  ['role', 'App role']
] as const;
const PROJECT_ROLES = [
  ['viewer', 'Viewer'],
  ['editor', 'Editor'],
  ['owner', 'Owner']
] as const;

function MappingDialog(props: {
  readonly roles: readonly RoleInfo[];
  readonly onDone: () => void;
  readonly onClose: () => void;
}): JSX.Element {
  const { api } = useAdmin();
  const [kind, setKind] = useState<ClaimMappingIn['kind']>('group');
  const [value, setValue] = useState('');
  const [project, setProject] = useState('');
  const [hubRole, setHubRole] = useState('data-scientist');
  const [projectRole, setProjectRole] = useState<string>('viewer');
  const isInProject = project.trim() !== '';
  const hubRoles = props.roles
    .filter(role => !role.is_fixed && role.name !== 'viewer')
    .map(role => [role.name as string, role.title] as const);
  const save = async () => {
    const body = {
      kind,
      value: value.trim(),
      project: project.trim() || null,
      role: isInProject ? projectRole : hubRole
    };
    await api.call('access/mappings', { method: 'POST', body });
    props.onDone();
  };
  return (
    <Dialog
      title="Add Mapping"
      accept="Add"
      isReady={value.trim() !== ''}
      onAccept={save}
      onClose={props.onClose}
    >
      <Select label="Kind" value={kind} options={KINDS} onChange={setKind} />
      <TextField
        label={kind === 'group' ? 'Group, by its full path' : 'App role'}
        required
        value={value}
        onChange={setValue}
      />
      <TextField
        label="Short name of the project; empty for a role at the hub"
        value={project}
        onChange={setProject}
      />
      <Select
        key={String(isInProject)}
        label="Role"
        value={isInProject ? projectRole : hubRole}
        options={isInProject ? PROJECT_ROLES : hubRoles}
        onChange={isInProject ? setProjectRole : setHubRole}
      />
    </Dialog>
  );
}
