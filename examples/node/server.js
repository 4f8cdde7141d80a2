// Says which media type a file of a name has, to whoever asks for /type/NAME.
const mime = require("mime");
const polka = require("polka");

const port = Number(process.env.PORT || 8080);
const server = polka()
  .get("/type/:name", (request, response) => {
    const name = request.params.name;
    response.setHeader("Content-Type", "application/json");
    response.end(JSON.stringify({ name, type: mime.getType(name) }));
  })
  .listen(port, () => console.log(`listening on port ${port}`));

process.on("SIGTERM", () => server.server.close(() => process.exit(0)));
