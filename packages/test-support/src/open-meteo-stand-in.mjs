// A file of its own: the template has the original, since its projects use it too.
export { SAMPLE_DATA_NOTICE, startOpenMeteoStandIn } from "../../../templates/weather/scripts/open-meteo-stand-in.mjs";
