/**
 * The table of permissions: a row for each permission, a column for each role.
 */
import React, { useState } from 'react';

import { segment } from '../../api';
import { asError } from '../../aserror';
import { useAdmin } from '../../context';
import { Badge } from '../../controls';
import type { Permission, RoleInfo, RoleTable } from '../../schemas';

type Kind = Permission['kind'];

const KINDS: readonly (readonly [Kind, string])[] = [
  ['see', 'See'],
  ['develop', 'Develop'],
  ['publish', 'Publish'],
  ['deploy', 'Deploy'],
  ['operate', 'Operate the hub']
];

export function PermissionTable(props: {
  readonly table: RoleTable;
  readonly onChange: () => void;
}): JSX.Element {
  const { roles, permissions } = props.table;
  return (
    <>
      <p className="orrery-admin-prose">
        A role says what kind of thing a person may do; where the person may do it is
        the role in the project. Each change holds at once, for everybody who has the
        role, and is in the audit.
      </p>
      <table className="orrery-admin-plain orrery-admin-matrix">
        <thead>
          <tr>
            <th scope="col">Permission</th>
            {roles.map(role => (
              <th key={role.name} scope="col" title={role.description}>
                {role.title} {role.is_default && <Badge>Default</Badge>}
              </th>
            ))}
          </tr>
        </thead>
        {KINDS.map(([kind, title]) => (
          <Kind
            key={kind}
            title={title}
            roles={roles}
            permissions={permissions.filter(permission => permission.kind === kind)}
            onChange={props.onChange}
          />
        ))}
      </table>
    </>
  );
}

function Kind(props: {
  readonly title: string;
  readonly roles: readonly RoleInfo[];
  readonly permissions: readonly Permission[];
  readonly onChange: () => void;
}): JSX.Element | null {
  const { roles, permissions } = props;
  if (permissions.length === 0) {
    return null;
  }
  return (
    <tbody>
      <tr>
        <th scope="rowgroup" colSpan={roles.length + 1}>
          {props.title}
        </th>
      </tr>
      {permissions.map(permission => (
        <tr key={permission.name}>
          <th scope="row">
            {permission.description}
            <code>{permission.name.replace(/^custom:orrery:/, '')}</code>
          </th>
          {roles.map(role => (
            <td key={role.name}>
              <Cell role={role} permission={permission} onChange={props.onChange} />
            </td>
          ))}
        </tr>
      ))}
    </tbody>
  );
}

/** Whether a role has a permission; what nobody can change is a word, no switch. */
function Cell(props: {
  readonly role: RoleInfo;
  readonly permission: Permission;
  readonly onChange: () => void;
}): JSX.Element {
  const { role, permission } = props;
  const { api, toasts } = useAdmin();
  // Until the table is here anew, the switch is where it was put.
  const [asked, setAsked] = useState<boolean>();
  const isAllowed = role.permissions.includes(permission.name);
  if (role.is_fixed || permission.kind === 'operate') {
    return (
      <span className="orrery-quiet">
        {isAllowed ? 'Yes' : <span aria-label="No">–</span>}
      </span>
    );
  }
  const set = async (allowed: boolean) => {
    setAsked(allowed);
    try {
      const path = `access/roles/${role.name}/permissions/${segment(permission.name)}`;
      await api.call(path, { method: 'PUT', body: { allowed } });
      const text = `${permission.description[0].toLowerCase()}${permission.description.slice(1)}`;
      toasts.info(`${role.title} may ${allowed ? 'now' : 'no longer'}: ${text}.`);
      props.onChange();
    } catch (error) {
      toasts.error(asError(error));
      setAsked(undefined);
    }
  };
  return (
    <input
      type="checkbox"
      aria-label={`${role.title}: ${permission.description}`}
      checked={asked ?? isAllowed}
      onChange={event => void set(event.currentTarget.checked)}
    />
  );
}
