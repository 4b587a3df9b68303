using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace ServerlessImages.AzureOpenAI;

/// <summary>The Azure OpenAI deployments behind the public models. Validated at start.</summary>
public sealed class AzureOpenAIOptions
{
    public const string Section = "AzureOpenAI";

    /// <summary>At least one, each with a name of its own.</summary>
    [MinLength(1, ErrorMessage = "AzureOpenAI:Deployments is empty: no model can be served.")]
    [ValidateEnumeratedItems]
    public IReadOnlyList<AzureOpenAIDeploymentOptions> Deployments { get; init; } = [];

    /// <summary>
    /// A call expected to take longer asks for one partial image that nobody wanted, at our cost of 100 output tokens: Azure cuts a stream
    /// that had no event in its first 60 seconds with 408. Source: Microsoft Learn Q&amp;A 12770558 (2026-05-07).
    /// </summary>
    /// <value>Default 40 s, at most 60 s.</value>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan ForcePartialAfter { get; init; } = TimeSpan.FromSeconds(40);

    /// <summary>The longest answer that is read, in bytes on the wire per image or partial image asked for; a longer one is an upstream failure.</summary>
    /// <value>Default 64 MiB, 1 KiB to 128 MiB. A 4K PNG in base64 is about 35 MB.</value>
    [Range(1024, 128 * 1024 * 1024)]
    public int AnswerBytesMax { get; init; } = 64 * 1024 * 1024;

    public bool Serves(string model) => Deployments.Any(deployment => deployment.Model == model);
}
