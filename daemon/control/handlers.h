#pragma once

#include "daemon/control/daemon_facts.h"
#include "daemon/control/services.h"
#include "daemon/engine/engine.h"
#include "daemon/engine/registry.h"
#include "owrd/v1/control.pb.h"

/// One function per method of control.proto: the request is translated, the engine asked, its
/// answer translated.
namespace owrd::control {

using engine::Engine;
using engine::SubscriptionPtr;

/// The id of a release that is here, or else of one that a feed lists.
Result<Digest> release_of(Engine& engine, const std::string& ref);

v1::StatusReply status(Engine& engine, const DaemonFacts& facts, const Caller& caller);
Result<v1::ReloadReply> reload(const DaemonFacts& facts, const v1::ReloadRequest& request);
Result<v1::ShutdownReply> shutdown(const DaemonFacts& facts, const v1::ShutdownRequest& request);

Result<v1::AddPublisherReply> add_publisher(Engine& engine, const v1::AddPublisherRequest& request);
Result<v1::ListPublishersReply> list_publishers(Engine& engine,
                                                const v1::ListPublishersRequest& request);
Result<v1::ShowPublisherReply> show_publisher(Engine& engine,
                                              const v1::ShowPublisherRequest& request);
Result<v1::RemovePublisherReply> remove_publisher(Engine& engine,
                                                  const v1::RemovePublisherRequest& request);

Result<v1::OnlineKeysReply> online_keys(Engine& engine, const v1::OnlineKeysRequest& request);
Result<v1::SubmitRootReply> submit_root(Engine& engine, const v1::SubmitRootRequest& request);
Result<v1::SubmitAnchorsReply> submit_anchors(Engine& engine,
                                              const v1::SubmitAnchorsRequest& request);
Result<SubscriptionPtr> refresh(Engine& engine, const v1::RefreshRequest& request,
                                Stream<v1::RefreshEvent> stream);
Result<v1::SubmitNoticeReply> submit_notice(Engine& engine, const v1::SubmitNoticeRequest& request);
Result<v1::SetChannelReply> set_channel(Engine& engine, const v1::SetChannelRequest& request);
Result<v1::EvidenceReply> evidence(Engine& engine, const v1::EvidenceRequest& request);

Result<v1::ResolveReply> resolve(Engine& engine, const v1::ResolveRequest& request);
Result<v1::ListNamesReply> list_names(Engine& engine, const v1::ListNamesRequest& request);
Result<v1::ListChannelsReply> list_channels(Engine& engine, const v1::ListChannelsRequest& request);
Result<v1::LogReply> log(Engine& engine, const v1::LogRequest& request);
Result<v1::SearchReply> search(Engine& engine, const v1::SearchRequest& request);

Result<v1::AddMirrorReply> add_mirror(Engine& engine, const v1::AddMirrorRequest& request);
Result<v1::ListLicensesReply> list_licenses(Engine& engine, const v1::ListLicensesRequest& request);
Result<v1::ListMirrorsReply> list_mirrors(Engine& engine, const v1::ListMirrorsRequest& request);
Result<v1::RemoveMirrorReply> remove_mirror(Engine& engine, const v1::RemoveMirrorRequest& request);
Result<SubscriptionPtr> attest(Engine& engine, const v1::AttestRequest& request,
                               Stream<v1::AttestEvent> stream);
Result<v1::AttestationsReply> attestations(Engine& engine, const v1::AttestationsRequest& request);

Result<v1::SubmitStatementReply> submit_statement(Engine& engine,
                                                  const v1::SubmitStatementRequest& request);
Result<v1::ListStatementsReply> list_statements(Engine& engine,
                                                const v1::ListStatementsRequest& request);

Result<SubscriptionPtr> prepare(Engine& engine, const v1::PrepareRequest& request,
                                Stream<v1::PrepareEvent> stream);
Result<SubscriptionPtr> commit(Engine& engine, const DaemonFacts& facts,
                               const v1::CommitRequest& request, Stream<v1::CommitEvent> stream);

Result<v1::ListReleasesReply> list_releases(Engine& engine, const v1::ListReleasesRequest& request);
Result<v1::ShowReleaseReply> show_release(Engine& engine, const v1::ShowReleaseRequest& request);
Result<SubscriptionPtr> get(Engine& engine, const v1::GetRequest& request,
                            Stream<v1::TransferEvent> stream);
Result<SubscriptionPtr> watch(Engine& engine, const v1::WatchRequest& request,
                              Stream<v1::TransferEvent> stream);
Result<v1::PauseReply> pause(Engine& engine, const v1::PauseRequest& request);
Result<v1::ResumeReply> resume(Engine& engine, const v1::ResumeRequest& request);
Result<v1::RemoveReply> remove(Engine& engine, const v1::RemoveRequest& request);
Result<SubscriptionPtr> seed(Engine& engine, const v1::SeedRequest& request,
                             Stream<v1::TransferEvent> stream);
Result<SubscriptionPtr> verify(Engine& engine, const v1::VerifyRequest& request,
                               Stream<v1::VerifyEvent> stream);
Result<v1::BundleReply> bundle(Engine& engine, const v1::BundleRequest& request);

/// Every method of the schema. `engine` outlives what is given.
Services make_services(Engine& engine, DaemonFacts facts);

}  // namespace owrd::control
