using System.Globalization;
using System.Text;
using ServerlessImages.Api.Pages.Parts;
using ServerlessImages.Images;

namespace ServerlessImages.Api.Portal.Playground;

/// <summary>A request as code that makes exactly this call, in the languages of the guides. The key is read from the environment: it stands in no example.</summary>
internal static class PlaygroundCode
{
    public const string KeyVariable = "SERVERLESSIMAGES_API_KEY";

    /// <param name="site">Where the API is.</param>
    public static IReadOnlyList<CodeSample> Of(ImageRequest request, Uri site)
    {
        var api = new Uri(site, "/v1").AbsoluteUri;
        return
        [
            new("sh", "curl", Curl(request, api)),
            new("python", "Python", Python(request, api)),
            new("js", "JavaScript", JavaScript(request, api)),
            new("csharp", "C#", CSharp(request, api)),
        ];
    }

    private static string Curl(ImageRequest request, string api) => $$"""
        curl{{(request.Stream ? " -N" : "")}} {{api}}/images/generations \
          -H "Authorization: Bearer ${{KeyVariable}}" \
          -H 'Content-Type: application/json' \
          -d '{{Json(request).Replace("'", @"'\''", StringComparison.Ordinal)}}'
        """;

    private static string Python(ImageRequest request, string api)
    {
        var call = $"client.images.generate({string.Join(", ", Fields(request).Select(each => $"{each.Name}={Value(each.Value, "True")}"))})";
        var begin = $"""
            # pip install openai
            import base64, os
            from openai import OpenAI

            client = OpenAI(base_url="{api}", api_key=os.environ["{KeyVariable}"])
            """;
        return begin + "\n" + (request.Stream
            ? $"""
              for event in {call}:
                  if event.type == "image_generation.completed":
                      open("image.{request.Format.ToWire()}", "wb").write(base64.b64decode(event.b64_json))
                      print(event.cost)
              """
            : $$"""
              answer = {{call}}
              for index, image in enumerate(answer.data):
                  open(f"image-{index}.{{request.Format.ToWire()}}", "wb").write(base64.b64decode(image.b64_json))
              print(answer.cost)
              """);
    }

    private static string JavaScript(ImageRequest request, string api)
    {
        var call = $"await client.images.generate({{ {string.Join(", ", Fields(request).Select(each => $"{each.Name}: {Value(each.Value, "true")}"))} }})";
        var begin = $$"""
            // npm install openai
            import { writeFile } from "node:fs/promises";
            import OpenAI from "openai";

            const client = new OpenAI({ baseURL: "{{api}}", apiKey: process.env.{{KeyVariable}} });
            """;
        return begin + "\n" + (request.Stream
            ? $$"""
              for await (const event of {{call}}) {
                if (event.type !== "image_generation.completed") continue;
                await writeFile("image.{{request.Format.ToWire()}}", Buffer.from(event.b64_json, "base64"));
                console.log(event.cost);
              }
              """
            : $$"""
              const answer = {{call}};
              for (const [index, image] of answer.data.entries()) await writeFile(`image-${index}.{{request.Format.ToWire()}}`, Buffer.from(image.b64_json, "base64"));
              console.log(answer.cost);
              """);
    }

    /// <summary>The SDK of this language has no types for streams of images: there it is the call itself.</summary>
    private static string CSharp(ImageRequest request, string api) => request.Stream ? CSharpStream(request, api) : $$"""
        // dotnet add package OpenAI{{(request.Format == ImageFormat.Png ? "" : "\n#pragma warning disable OPENAI001 // The choice of a format is new there.")}}
        using System.ClientModel;
        using OpenAI;
        using OpenAI.Images;

        var key = new ApiKeyCredential(Environment.GetEnvironmentVariable("{{KeyVariable}}")!);
        var client = new OpenAIClient(key, new OpenAIClientOptions { Endpoint = new Uri("{{api}}") }).GetImageClient({{Text(request.Model.Id)}});
        var options = new ImageGenerationOptions { {{string.Join(", ", CSharpOptions(request))}} };
        GeneratedImageCollection images = await client.GenerateImagesAsync({{Text(request.Prompt)}}, {{Number(request.Count)}}, options);
        for (var index = 0; index < images.Count; index++) await File.WriteAllBytesAsync($"image-{index}.{{request.Format.ToWire()}}", images[index].ImageBytes.ToArray());
        """;

    private static string CSharpStream(ImageRequest request, string api) => $$"""
        using System.Net.Http.Headers;
        using System.Net.ServerSentEvents;
        using System.Text;
        using System.Text.Json;

        using var http = new HttpClient();
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Environment.GetEnvironmentVariable("{{KeyVariable}}"));
        var body = new StringContent({{Text(Json(request))}}, Encoding.UTF8, "application/json");
        using var call = new HttpRequestMessage(HttpMethod.Post, "{{api}}/images/generations") { Content = body };
        using var answer = (await http.SendAsync(call, HttpCompletionOption.ResponseHeadersRead)).EnsureSuccessStatusCode();
        await foreach (var item in SseParser.Create(await answer.Content.ReadAsStreamAsync()).EnumerateAsync())
        {
            if (item.EventType != "image_generation.completed") continue;
            using var done = JsonDocument.Parse(item.Data);
            await File.WriteAllBytesAsync("image.{{request.Format.ToWire()}}", done.RootElement.GetProperty("b64_json").GetBytesFromBase64());
            Console.WriteLine(done.RootElement.GetProperty("cost"));
        }
        """;

    private static IEnumerable<string> CSharpOptions(ImageRequest request)
    {
        if (request.Size is { } size) yield return string.Create(CultureInfo.InvariantCulture, $"Size = new GeneratedImageSize({size.Width}, {size.Height})");
        yield return $"Quality = new GeneratedImageQuality({Text(request.Quality.ToWire())})";
        if (request.Format != ImageFormat.Png) yield return $"OutputFileFormat = new GeneratedImageFileFormat({Text(request.Format.ToWire())})";
    }

    private static string Json(ImageRequest request) => $"{{{string.Join(",", Fields(request).Select(each => $"{Text(each.Name)}:{Value(each.Value, "true")}"))}}}";

    /// <summary>All that the call says, in its own order; what is as it would be anyhow is left out.</summary>
    private static IEnumerable<(string Name, object Value)> Fields(ImageRequest request)
    {
        yield return ("model", request.Model.Id);
        yield return ("prompt", request.Prompt);
        yield return ("size", request.Size?.ToString() ?? "auto");
        yield return ("quality", request.Quality.ToWire());
        if (request.Format != ImageFormat.Png) yield return ("output_format", request.Format.ToWire());
        if (request.Count > 1) yield return ("n", request.Count);
        if (request.Stream) yield return ("stream", true);
        if (request.PartialImages > 0) yield return ("partial_images", request.PartialImages);
    }

    private static string Value(object value, string yes) => value switch
    {
        string text => Text(text),
        true => yes,
        _ => Number((int)value),
    };

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>The same literal in JSON and in all the languages: escapes that one of them has and another has not are not used.</summary>
    private static string Text(string text)
    {
        var literal = new StringBuilder("\"");
        foreach (var letter in text)
        {
            if (letter is '"' or '\\') literal.Append('\\').Append(letter);
            else if (letter is '\n') literal.Append("\\n");
            else if (char.IsControl(letter) || letter is '\u2028' or '\u2029') literal.Append(CultureInfo.InvariantCulture, $"\\u{(int)letter:x4}");
            else literal.Append(letter);
        }

        return literal.Append('"').ToString();
    }
}
