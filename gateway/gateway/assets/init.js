// Starts the API browser. Sign in with POST /api/session and "cookie": true, then every try-out is signed in.
window.addEventListener("load", () => {
  window.SwaggerUIBundle({
    url: "/api/docs/openapi.json",
    dom_id: "#browser",
    deepLinking: true,
    docExpansion: "none",
    filter: true,
    persistAuthorization: false,
    validatorUrl: null,
    withCredentials: true,
  });
});
