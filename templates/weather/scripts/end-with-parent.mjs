// Loaded into the server by npm run dev, so that it never outlives it.
process.once("disconnect", () => process.exit());
// The channel alone is no reason to go on.
process.channel?.unref();
