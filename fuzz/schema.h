/* schema.h: JSON Schema as far as gate/schemas.h uses
 * it, as the model that the handlers are held to. */
#ifndef FUZZ_SCHEMA_H
#define FUZZ_SCHEMA_H

#include "core/json.h"

/* Does the value keep to the schema? null counts as absent where a member is not required; lengths
 * are bytes, as the handlers count them. */
bool schema_fits(core_json schema, core_json value);

#endif
