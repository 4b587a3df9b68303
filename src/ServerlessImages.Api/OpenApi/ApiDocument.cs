using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.Options;
using Microsoft.OpenApi;
using Scalar.AspNetCore;
using ServerlessImages.Api.Http;

namespace ServerlessImages.Api.OpenApi;

/// <summary>The OpenAPI document, made from the running app, and the page that shows it.</summary>
internal static class ApiDocument
{
    private const string Name = "v1";

    /// <summary>What the document is about: the API under its own prefix. Azure's prefixes lead to the same handlers; pages are no API.</summary>
    private static readonly string[] Documented = ["v1/", "f/", "health", ".well-known/"];

    /// <summary>Scalar's page starts itself and sets its style in the page; all of it, and what it may ask, is from here.</summary>
    private static readonly PagePolicy ReferencePage = new("default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");

    public static void AddApiDocument(this IServiceCollection services)
    {
        // Only for the document's schemas: every answer names its members itself, in this very form.
        services.ConfigureHttpJsonOptions(options =>
        {
            options.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
            options.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
        });
        services.AddOpenApi(Name, options =>
        {
            options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
            options.ShouldInclude = endpoint => Documented.Any(start => endpoint.RelativePath?.StartsWith(start, StringComparison.Ordinal) ?? false);
            options.AddDocumentTransformer(DescribeApi);
            options.AddOperationTransformer<OperationWriter>();
            options.AddSchemaTransformer(DescribeMember);
        });
        services.AddSingleton<ErrorExamples>();
    }

    public static void MapApiDocument(this WebApplication app)
    {
        app.MapOpenApi("/openapi/{documentName}.json").OpenToEveryone();

        // Everything from this app itself: the page works without a way to the internet, and tells nobody who reads it.
        app.MapScalarApiReference("/docs", page => page
            .WithTitle("ServerlessImages API")
            .AddDocument(Name)
            .DisableDefaultFonts()
            .DisableTelemetry()
            .DisableAgent()
            .DisableMcp()
            .HideDeveloperTools()
            .HideClientButton()
            .AddPreferredSecuritySchemes(OperationWriter.Bearer)).OpenToEveryone().WithMetadata(ReferencePage);
    }

    private static Task DescribeApi(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancel)
    {
        var site = context.ApplicationServices.GetRequiredService<IOptions<SiteOptions>>().Value;
        document.Info = new OpenApiInfo
        {
            Title = "ServerlessImages API",
            Version = "v1",
            Description = $$"""
                Image generation with OpenAI's SDKs, unmodified: change the base URL and the key. Every request is priced before, held during and charged after.

                The same handlers stand behind `/openai/v1/…`, `/openai/deployments/{model}/…` and `/deployments/{model}/…` for Azure's clients. Money is a string of
                dollars with six places, times are Unix seconds. An unknown path is answered 404 `{{ApiError.EndpointNotFound.Code}}`, a wrong
                method 405 `{{ApiError.MethodNotAllowed.Code}}`.
                """,
        };
        document.Servers = [new OpenApiServer { Url = new Uri(site.PublicUrl!, "/").AbsoluteUri.TrimEnd('/') }];
        document.Tags = ApiOperations.Tags.Select(tag => new OpenApiTag { Name = tag.Name, Description = tag.Description }).ToHashSet();
        document.AddComponent<IOpenApiSecurityScheme>(OperationWriter.Bearer, new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "An API key: si_live_… or si_test_…" });
        document.AddComponent<IOpenApiSecurityScheme>(OperationWriter.ApiKey, new OpenApiSecurityScheme { Type = SecuritySchemeType.ApiKey, In = ParameterLocation.Header, Name = "api-key", Description = "The same key, as Azure's clients send it." });
        return Task.CompletedTask;
    }

    /// <summary>A member that is one of some words says which, and one that is always there but may be null says so: of objects the generator leaves that out. A file is no text.</summary>
    private static Task DescribeMember(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancel)
    {
        var said = context.JsonPropertyInfo?.AttributeProvider?.GetCustomAttributes(inherit: true) ?? [];
        if (said.OfType<WordsAttribute>().FirstOrDefault() is { } words) schema.Enum = [.. words.Words.Select(word => JsonValue.Create(word)!)];
        if (said.OfType<FilePartAttribute>().Any() && (schema.Items ?? schema) is OpenApiSchema file) file.Format = "binary";
        if (said.OfType<ValuesMayBeNullAttribute>().Any() && schema.AdditionalProperties is OpenApiSchema value) value.Type |= JsonSchemaType.Null;
        if (context.JsonPropertyInfo is { IsRequired: true, IsGetNullable: true }) schema.Type |= JsonSchemaType.Null;
        return Task.CompletedTask;
    }
}
