import pg from 'pg'
import { parseJson } from '../../contract/exact-json.ts'

type Parse = (text: string) => unknown

/**
 * How the server's text becomes a value: booleans, numbers that JavaScript holds exactly, JSON, and arrays of what
 * has a parser; all else stays the server's text (numeric, timestamps, intervals, bytea), so that it can be written
 * back unchanged.
 */
export const types = {
  getTypeParser: (oid: number): Parse => PARSERS.get(oid) ?? asText,
}

const asText: Parse = (text) => text
const integer: Parse = (text) => {
  const number = Number(text)
  return Number.isSafeInteger(number) ? number : text
}

/** JSON has no NaN and no Infinity: they would be null. */
const real: Parse = (text) => {
  const number = Number(text)
  return Number.isFinite(number) ? number : text
}

/** Splits an array's text, nested as it is, each element still text. */
const splitArray = pg.types.getTypeParser(1009 as never) as Parse
const arrayOf =
  (parse: Parse): Parse =>
  (text) =>
    deep(splitArray(text), parse)
const deep = (value: unknown, parse: Parse): unknown =>
  Array.isArray(value)
    ? value.map((item) => deep(item, parse))
    : value === null
      ? null
      : parse(value as string)

/** [type, its array type, parser]: object ids of pg_type.dat. */
const BUILT_IN: [number, number, Parse][] = [
  [16, 1000, (text) => text === 't'], // bool
  [20, 1016, integer], // int8
  [21, 1005, Number], // int2
  [23, 1007, Number], // int4
  [26, 1028, Number], // oid
  [700, 1021, real], // float4
  [701, 1022, real], // float8
  [114, 199, parseJson], // json
  [3802, 3807, parseJson], // jsonb
  [18, 1002, asText], // "char"
  [19, 1003, asText], // name
  [25, 1009, asText], // text
  [1042, 1014, asText], // bpchar
  [1043, 1015, asText], // varchar
  [1082, 1182, asText], // date
  [1083, 1183, asText], // time
  [1114, 1115, asText], // timestamp
  [1184, 1185, asText], // timestamptz
  [1186, 1187, asText], // interval
  [1700, 1231, asText], // numeric
  [2950, 2951, asText], // uuid
  [3220, 3221, asText], // pg_lsn
  [2205, 2210, asText], // regclass
  [869, 1041, asText], // inet
  [650, 651, asText], // cidr
]
const PARSERS = new Map(
  BUILT_IN.flatMap(
    ([type, array, parse]) =>
      [
        [type, parse],
        [array, arrayOf(parse)],
      ] as const,
  ),
)
