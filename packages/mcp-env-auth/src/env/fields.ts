import { scopes, secretList, stringList, stringOrList } from "./list-fields.ts";
import { choice, flag, integer, path, secret, text } from "./plain-fields.ts";
import { secretRecord, stringRecord } from "./record-field.ts";
import { httpUrl, storageUrl } from "./url-fields.ts";

/** The kinds of fields that a provider's declaration is made of. */
export const fields = {
  choice,
  flag,
  httpUrl,
  integer,
  path,
  scopes,
  secret,
  secretList,
  secretRecord,
  storageUrl,
  stringList,
  stringOrList,
  stringRecord,
  text,
};
