// The document of the API, to be read and tried out; nothing is asked of other machines.
window.addEventListener("load", function () {
  "use strict";
  window.SwaggerUIBundle({
    url: "/api/openapi.json",
    dom_id: "#api-docs",
    deepLinking: true,
    docExpansion: "none",
    filter: true,
    validatorUrl: null,
    tryItOutEnabled: true,
    withCredentials: true,
  });
});
